"""Whether an ONNX file brings all of itself along: its numbers could lie in any other file that it names.

Only the parts of the format that lead to tensors are read; no package is needed. Source: onnx.proto3 and the
encoding of Protocol Buffers.
"""

from __future__ import annotations

from collections.abc import Iterator

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
WIDTHS = {FIXED64: 8, FIXED32: 4}
MOST_NESTED = 16
"""Graphs lie within nodes of graphs; no deeper than this."""

PARTS: dict[str, dict[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}
"""For a message of each kind: the fields that lead to a tensor, and what they hold."""
EXTERNAL_DATA, DATA_LOCATION = 13, 14
"""Fields of a tensor."""


def is_self_contained(data: bytes) -> bool:
    """Whether no tensor of an ONNX model lies in another file.

    Raises:
        ValueError: the bytes are no ONNX model.
    """
    view = memoryview(data)
    if not any(number == 7 for number, _ in _fields(view)):
        raise ValueError("it has no graph")
    return not _reaches_out(view, "model", MOST_NESTED)


def _reaches_out(message: memoryview, kind: str, deeper: int) -> bool:
    if deeper < 0:
        raise ValueError("its graphs are nested too deep")
    for number, value in _fields(message):
        if kind == "tensor":
            if number == EXTERNAL_DATA or (number == DATA_LOCATION and value != 0):
                return True
        elif number in PARTS[kind]:
            if isinstance(value, int):
                raise ValueError(f"field {number} holds no message")
            part = PARTS[kind][number]
            if _reaches_out(value, part, deeper - (part == "graph")):
                return True
    return False


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """The number and the value of each field of a message."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        if tag >> 32:
            raise ValueError("a field's number has more than 32 bits, which other readers cut off")
        number, wire = tag >> 3, tag & 7
        if wire == VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        if wire == LENGTH:
            size, at = _varint(message, at)
        elif wire in WIDTHS:
            size = WIDTHS[wire]
        else:
            raise ValueError(f"field {number} is of no known kind")
        if at + size > len(message):
            raise ValueError("it is cut off")
        yield number, message[at : at + size]
        at += size


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(message):
            raise ValueError("it is cut off")
        byte, at = message[at], at + 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ValueError("a number has no end")
