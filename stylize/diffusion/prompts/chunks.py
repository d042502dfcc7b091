"""A prompt's tokens, in parts as long as the text encoder takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from stylize.diffusion.prompts.weights import Fragment

CLIP_ROOM = 75
"""Tokens that CLIP's text encoders have room for, without start and end."""
LOOK_BACK = 20
"""Tokens that a part may be short of full, so that it ends behind a comma. Source: AUTOMATIC1111's web UI."""


@dataclass
class PromptPart:
    """Tokens between start and end, and the weight of each."""

    ids: list[int]
    weights: list[float]


def cut(tokenizer: Any, fragments: Iterable[Fragment]) -> list[PromptPart]:
    """The tokens of a prompt in parts, each without its start and end; there is always one.

    A text encoder that is shorter than CLIP's was trained with prompts that are cut, not joined: there the first
    part is all.
    """
    room = tokenizer.model_max_length - 2
    comma = _comma_of(tokenizer)
    chunks = [PromptPart([], [])]
    for fragment in fragments:
        if fragment.breaks and chunks[-1].ids:
            chunks.append(PromptPart([], []))
        for number in tokenizer(fragment.text, add_special_tokens=False).input_ids:
            if len(chunks[-1].ids) == room:
                if room < CLIP_ROOM:
                    return chunks[:1]
                chunks.append(_carried(chunks[-1], comma) if number != comma else PromptPart([], []))
            chunks[-1].ids.append(int(number))
            chunks[-1].weights.append(fragment.weight)
    return chunks if room >= CLIP_ROOM else chunks[:1]


def framed(tokenizer: Any, chunk: PromptPart) -> tuple[list[int], list[float]]:
    """Token ids and weights of a part with its start, its end and what it is padded with."""
    length = tokenizer.model_max_length
    ids = [tokenizer.bos_token_id, *chunk.ids, tokenizer.eos_token_id]
    ids += [tokenizer.pad_token_id] * (length - len(ids))
    weights = [1.0, *chunk.weights]
    return ids, weights + [1.0] * (length - len(weights))


def _carried(full: PromptPart, comma: int | None) -> PromptPart:
    """What comes after the last comma of a full part, if that is near its end; it is taken out of the part."""
    places = [place for place, number in enumerate(full.ids) if number == comma]
    if not places or len(full.ids) - places[-1] - 1 > LOOK_BACK:
        return PromptPart([], [])
    first = places[-1] + 1
    rest = PromptPart(full.ids[first:], full.weights[first:])
    del full.ids[first:], full.weights[first:]
    return rest


def _comma_of(tokenizer: Any) -> int | None:
    ids = tokenizer(",", add_special_tokens=False).input_ids
    return int(ids[0]) if len(ids) == 1 and ids[0] != tokenizer.unk_token_id else None
