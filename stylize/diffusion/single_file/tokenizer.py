"""CLIP's tokenizer, from the list of merges that comes with the program.

`clip_merges.txt.gz` is `bpe_simple_vocab_16e6.txt.gz` of OpenAI's CLIP and of open_clip (MIT, see
`clip_merges.LICENSE`). Source: Radford et al., "Learning Transferable Visual Models", ICML 2021.
"""

from __future__ import annotations

import gzip
from functools import cache
from importlib import resources
from typing import Any

WORDS = 49_408
SPECIAL = ("<|startoftext|>", "<|endoftext|>")


def clip_tokenizer(pads_with_zero: bool) -> Any:
    """The tokenizer of 49,408 entries and 77 tokens.

    Args:
        pads_with_zero: OpenCLIP pads with the first entry, CLIP with the end.
    """
    from transformers import CLIPTokenizer

    vocabulary, merges = _vocabulary()
    padding = "!" if pads_with_zero else SPECIAL[1]
    return CLIPTokenizer(dict(vocabulary), list(merges), pad_token=padding, model_max_length=77)


@cache
def _vocabulary() -> tuple[dict[str, int], tuple[tuple[str, str], ...]]:
    packed = resources.files(__package__) / "clip_merges.txt.gz"
    lines = gzip.decompress(packed.read_bytes()).decode("utf-8").split("\n")
    characters = _byte_characters()
    count = WORDS - 2 * len(characters) - len(SPECIAL)
    merges = [tuple(line.split()) for line in lines[1 : count + 1]]
    pairs = tuple((first, second) for first, second in merges)
    words = [
        *characters,
        *(f"{each}</w>" for each in characters),
        *("".join(pair) for pair in pairs),
        *SPECIAL,
    ]
    return {word: number for number, word in enumerate(words)}, pairs


def _byte_characters() -> list[str]:
    """A printable character for each byte, in CLIP's order: those that are printable first."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + number) for number in range(len(others))]
