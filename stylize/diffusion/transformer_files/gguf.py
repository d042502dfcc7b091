"""The header of a GGUF file: names, shapes and kinds of its tensors, checked to lie within the file.

Whoever opens the file afterwards (the package `gguf`) trusts its counts, so that they are looked at here first.
Source: the GGUF format, version 3: github.com/ggml-org/ggml, docs/gguf.md.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

from stylize.errors import ModelError

MAGIC, VERSIONS = b"GGUF", (2, 3)
MOST_TENSORS, MOST_FACTS, LONGEST_WORD, MOST_ITEMS, MOST_DIMENSIONS = 100_000, 10_000, 1 << 20, 1 << 22, 4
SCALARS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of the kinds of facts that are numbers."""
WORD, LIST = 8, 9
KINDS: dict[int, tuple[str, int, int]] = {
    0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20), 6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34), 10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144), 13: ("Q5_K", 256, 176), 14: ("Q6_K", 256, 210), 30: ("BF16", 1, 2),
}  # fmt: skip
"""For the kinds of tensors that are read: the name, the values of a block, and a block's bytes."""


@dataclass(frozen=True)
class GgufHeader:
    """Shapes and kinds ('F16', 'Q4_K', ...) of tensors by name, and the family that the file names, "" if none."""

    shapes: dict[str, tuple[int, ...]]
    kinds: dict[str, str]
    architecture: str


def read_gguf_header(file: Path) -> GgufHeader:
    """Reads the header alone.

    Raises:
        ModelError: the file cannot be read, is no GGUF file, is cut off, or holds tensors of a kind not read here.
    """
    try:
        with file.open("rb") as opened:
            return _read(opened, file.stat().st_size)
    except (OSError, ValueError, struct.error) as error:
        raise ModelError(f"This file is no GGUF file, or is damaged: {error}.", where=file) from error


def _read(opened: BinaryIO, size: int) -> GgufHeader:
    if opened.read(4) != MAGIC:
        raise ValueError("it does not begin as one")
    version = _number(opened, "I")
    if version not in VERSIONS:
        raise ValueError(f"version {version} is not read")
    tensors = _bounded(_number(opened, "Q"), MOST_TENSORS, "tensors")
    facts = _bounded(_number(opened, "Q"), MOST_FACTS, "facts")
    found = {}
    for _ in range(facts):
        name = _word(opened)
        found[name] = _fact(opened, _number(opened, "I"))
    shapes, kinds, ends = {}, {}, [0]
    for _ in range(tensors):
        name = _word(opened)
        if name in shapes:
            raise ValueError(f"{name!r} is there twice")
        count = _bounded(_number(opened, "I"), MOST_DIMENSIONS, "dimensions")
        shape = tuple(_number(opened, "Q") for _ in range(count))[::-1]  # the fastest axis is written first
        kind = _number(opened, "I")
        if kind not in KINDS:
            raise ValueError(f"{name!r} is of kind {kind}, which is not read here")
        label, values, block_bytes = KINDS[kind]
        if not shape or min(shape) < 1 or shape[-1] % values:
            raise ValueError(f"{name!r} has the shape {shape}")
        ends.append(_number(opened, "Q") + prod(shape) // values * block_bytes)
        shapes[name], kinds[name] = shape, label
    step = int(found.get("general.alignment") or 32)
    if not 1 <= step <= 1 << 20 or step & (step - 1):
        raise ValueError("its tensors do not begin at a power of two")
    begin = -(-opened.tell() // step) * step
    if begin + max(ends) > size:
        raise ValueError("it is cut off")
    return GgufHeader(shapes, kinds, str(found.get("general.architecture") or ""))


def _fact(opened: BinaryIO, kind: int) -> Any:
    """A fact's value; lists are passed over, none of them is needed."""
    if kind == WORD:
        return _word(opened)
    if kind in SCALARS:
        data = _exactly(opened, SCALARS[kind])
        return int.from_bytes(data, "little") if kind in (4, 10) else None
    if kind != LIST:
        raise ValueError(f"a fact is of kind {kind}")
    inner, count = _number(opened, "I"), _bounded(_number(opened, "Q"), MOST_ITEMS, "items")
    if inner in SCALARS:
        _exactly(opened, count * SCALARS[inner])
    elif inner == WORD:
        for _ in range(count):
            _word(opened)
    else:
        raise ValueError("it nests lists")
    return None


def _word(opened: BinaryIO) -> str:
    length = _bounded(_number(opened, "Q"), LONGEST_WORD, "letters")
    return _exactly(opened, length).decode("utf-8", "replace")


def _number(opened: BinaryIO, form: str) -> int:
    value: int = struct.unpack(f"<{form}", _exactly(opened, struct.calcsize(form)))[0]
    return value


def _exactly(opened: BinaryIO, length: int) -> bytes:
    data = opened.read(length)
    if len(data) != length:
        raise ValueError("it is cut off")
    return data


def _bounded(count: int, most: int, noun: str) -> int:
    if count > most:
        raise ValueError(f"it announces {count} {noun}")
    return count
