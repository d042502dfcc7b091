"""The weights in a prompt, as web UIs write them: (word), ((word)), (word:1.3), [word].

Source: the notation of AUTOMATIC1111's web UI.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from stylize.errors import UsageError

ROUND, SQUARE = 1.1, 1 / 1.1
TOKEN = re.compile(
    r"\\[()\[\]\\]|:\s*(?P<weight>[+-]?(?:\d+\.?\d*|\.\d+))\s*\)|[()\[\]]|(?<!\w)BREAK\b|[^\\()\[\]:B]+|.",
    re.S,
)
NETWORK = re.compile(r"<(lora|lyco|hypernet):[^>]*>", re.I)


@dataclass(frozen=True)
class Fragment:
    """Text of one weight; `breaks` where a new part of the prompt begins before it."""

    text: str
    weight: float = 1.0
    breaks: bool = False


def read_weights(prompt: str) -> list[Fragment]:
    """The fragments of a prompt.

    (word) counts 1.1 times, [word] as much less, (word:1.3) 1.3 times; brackets inside others multiply. A backslash
    makes a bracket part of the text, as does having no partner. BREAK begins a new part of 75 tokens.

    Raises:
        UsageError: the prompt names a LoRA, which is an option of its own.
    """
    network = NETWORK.search(prompt)
    if network:
        raise UsageError(
            f"A prompt does not load networks: {network[0]}.",
            where="--prompt",
            hint="name the file: --lora FILE:0.8",
        )
    fragments: list[Fragment] = []
    opened: dict[str, list[int]] = {"(": [], "[": []}
    breaks = False

    def weigh(first: int, factor: float) -> None:
        for place in range(first, len(fragments)):
            each = fragments[place]
            fragments[place] = Fragment(each.text, each.weight * factor, each.breaks)

    for found in TOKEN.finditer(prompt):
        text = found[0]
        if text in opened:
            opened[text].append(len(fragments))
        elif found["weight"] is not None and opened["("]:
            weigh(opened["("].pop(), float(found["weight"]))
        elif text == ")" and opened["("]:
            weigh(opened["("].pop(), ROUND)
        elif text == "]" and opened["["]:
            weigh(opened["["].pop(), SQUARE)
        elif text == "BREAK":
            breaks = True
        else:
            plain = text[1:] if text.startswith("\\") and len(text) == 2 else text
            fragments.append(Fragment(plain, 1.0, breaks))
            breaks = False
    for kind, factor in (("(", ROUND), ("[", SQUARE)):
        for first in opened[kind]:
            weigh(first, factor)
    return _joined(fragments) or [Fragment("")]


def _joined(fragments: list[Fragment]) -> list[Fragment]:
    """Neighbours of one weight as one: a word that an escape divides is one word."""
    joined: list[Fragment] = []
    for each in fragments:
        if joined and joined[-1].weight == each.weight and not each.breaks:
            joined[-1] = Fragment(joined[-1].text + each.text, each.weight, joined[-1].breaks)
        else:
            joined.append(each)
    return joined
