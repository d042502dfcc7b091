"""Frames of 8 bits as PNG, five times as fast as OpenCV codes them.

Nearly all of the time that a PNG takes is its compression: here ISA-L does it, Intel's library for storage systems,
on rows less the row above them. Every reader of PNG reads the result; what others wrote is left to OpenCV.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER = struct.Struct(">IIBBBBB")
"""Width, height, bits, colour type, and three zeros: deflate, the five filters, no interlacing."""
COLOUR_TYPES = {3: 2, 4: 6}
"""By the number of channels: RGB, and RGB with alpha."""
UP = 2
"""The filter of a row that is kept less the row above it."""
LEVEL = 1
MOST_PACKED = 1032
"""Deflate packs no more bytes into one: a header that names more is another file's, or an attack."""


def encode_png(levels: NDArray[np.uint8]) -> bytes:
    """(H, W, 3 or 4) uint8 RGB, or RGB and alpha, as a PNG file's bytes."""
    height, width, channels = levels.shape
    rows = levels.reshape(height, -1)
    lines = np.empty((height, 1 + rows.shape[1]), np.uint8)
    lines[:, 0] = UP
    lines[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=lines[1:, 1:])
    header = HEADER.pack(width, height, 8, COLOUR_TYPES[channels], 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", isal_zlib.compress(lines, LEVEL)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(name, contents) for name, contents in parts)


def decode_png(coded: bytes) -> NDArray[Any] | None:
    """(H, W, 3 or 4) uint8 or uint16 levels of any PNG in colour; None for bytes that are none."""
    levels = _decode_own(coded)
    if levels is not None:
        return levels
    stored = cv2.imdecode(np.frombuffer(coded, np.uint8), cv2.IMREAD_UNCHANGED) if coded else None
    if stored is None or stored.ndim != 3:
        return None
    return cv2.cvtColor(stored, cv2.COLOR_BGR2RGB if stored.shape[2] == 3 else cv2.COLOR_BGRA2RGBA)


def _decode_own(coded: bytes) -> NDArray[np.uint8] | None:
    """What `encode_png` wrote; None for anything else."""
    chunks = dict(_chunks(coded))
    header = chunks.get(b"IHDR", b"")
    if len(header) != HEADER.size or set(chunks) != {b"IHDR", b"IDAT", b"IEND"}:
        return None
    width, height, bits, colour, *zeros = HEADER.unpack(header)
    channels = {kind: count for count, kind in COLOUR_TYPES.items()}.get(colour)
    if channels is None or bits != 8 or any(zeros):
        return None
    size, packed = height * (1 + width * channels), chunks[b"IDAT"]
    if not 0 < size <= MOST_PACKED * len(packed) or width == 0:
        return None
    try:
        lines = np.frombuffer(isal_zlib.decompressobj().decompress(packed, size + 1), np.uint8)
    except isal_zlib.IsalError:  # type: ignore[misc]  # its stubs take it for an object
        return None
    if lines.size != size or (lines[:: 1 + width * channels] != UP).any():
        return None
    lines = lines.reshape(height, -1)[:, 1:]
    rows = np.empty((height, width * channels), np.uint8)
    rows[0] = lines[0]
    for row in range(1, height):
        np.add(rows[row - 1], lines[row], out=rows[row])
    return rows.reshape(height, width, channels)


def _chunk(name: bytes, contents: bytes) -> bytes:
    checked = name + contents
    return struct.pack(">I", len(contents)) + checked + struct.pack(">I", isal_zlib.crc32(checked))


def _chunks(coded: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The parts of a PNG file with one `IDAT`, by name; nothing of what is no such file."""
    at, seen = len(SIGNATURE), set[bytes]()
    if not coded.startswith(SIGNATURE):
        return
    while at + 12 <= len(coded):
        length, name = int.from_bytes(coded[at : at + 4], "big"), coded[at + 4 : at + 8]
        if name in seen:  # a picture in several parts
            yield b"", b""
            return
        seen.add(name)
        yield name, coded[at + 8 : at + 8 + length]
        at += 12 + length
