"""One stored frame as a file: PNG of 8 or 16 bits, or OpenEXR of half floats, with a seal behind the picture.

The seal is an end mark and a digest of the file's bytes and of the place that the frame was written for. So a frame
that was torn, changed by a bit, put in another's place, or drawn by something else is told from one that was
written here. Readers of PNG and OpenEXR pass over what stands behind a picture.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from stylize.errors import OutputError
from stylize.footage.clip import Pixels
from stylize.storage.png import decode_png, encode_png

BitDepth = Literal["8", "16", "half"]
VALUE_BYTES: dict[BitDepth, int] = {"8": 1, "16": 2, "half": 2}
"""Of a value as it is kept: see `levels_of`."""
"""How finely frames are kept: 256 levels, 65,536 levels, or half floats, which also hold values above 1."""

Levels = NDArray[Any]
"""A frame as finely as it is kept: (H, W, 3 or 4) uint8, uint16 or float16."""

SEAL_MARK = b"STYLIZE\n"
SEAL_BYTES = len(SEAL_MARK) + 16

BAND = 32
"""Rows that are rounded at once."""
PNG_OF_16_BITS = [cv2.IMWRITE_PNG_COMPRESSION, 0, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE]
"""16-bit noise hardly compresses: uncompressed it is written and read ten times as fast, in a quarter more room."""


def suffix_of(depth: BitDepth) -> str:
    """How a stored frame's name ends."""
    return ".exr" if depth == "half" else ".png"


def encode_frame(pixels: Pixels, depth: BitDepth) -> bytes:
    """(H, W, 3 or 4) float32 RGB, or RGB and alpha, in [0, 1], as a file's bytes.

    Raises:
        OutputError: the picture cannot be coded.
    """
    return encode_levels(levels_of(pixels, depth), depth)


def levels_of(pixels: Pixels, depth: BitDepth) -> Levels:
    """(H, W, 3 or 4) float32 in [0, 1] as it is kept: uint8 or uint16 levels, or half floats."""
    if depth == "half":
        return np.ascontiguousarray(pixels, np.float16)
    if depth == "16":
        return np.rint(np.clip(pixels, 0, 1) * 65535).astype(np.uint16)
    levels = np.empty(pixels.shape, np.uint8)
    for top in range(0, len(pixels), BAND):  # what is computed on the way stays in the processor's cache
        band = slice(top, top + BAND)
        cv2.convertScaleAbs(np.maximum(pixels[band], 0), dst=levels[band], alpha=255)
    return levels


def pixels_of_levels(levels: Levels) -> Pixels:
    """The inverse of `levels_of`: the same numbers that reading a stored frame gives."""
    if levels.dtype == np.float16:
        return levels.astype(np.float32)
    return np.divide(levels, 65535 if levels.dtype == np.uint16 else 255, dtype=np.float32)


def encode_levels(levels: Levels, depth: BitDepth) -> bytes:
    """What `levels_of` gives, as a file's bytes.

    Raises:
        OutputError: the picture cannot be coded.
    """
    if depth == "half":
        return _encode_exr(levels)
    if depth == "8":
        return encode_png(levels)
    bgr = np.ascontiguousarray(levels[..., [2, 1, 0, 3][: levels.shape[2]]])
    done, coded = cv2.imencode(".png", bgr, PNG_OF_16_BITS)
    if not done:
        raise OutputError("This frame could not be coded as PNG.")
    return coded.tobytes()


def decode_frame(coded: bytes, depth: BitDepth) -> Pixels | None:
    """The inverse of `encode_frame`; None for bytes that do not decode."""
    if depth == "half":
        return _decode_exr(coded)
    levels = decode_png(coded)
    return None if levels is None else pixels_of_levels(levels)


def sealed(coded: bytes, place: str) -> bytes:
    """A picture's bytes with their seal.

    Args:
        coded: as `encode_frame` gives them.
        place: stands for where the frame belongs: another frame's seal fits no other place.
    """
    return coded + SEAL_MARK + _digest(coded, place)


def unsealed(stored: bytes, place: str) -> bytes | None:
    """The inverse of `sealed`; None for a file whose seal is missing, or does not fit its bytes or its place."""
    coded, seal = stored[:-SEAL_BYTES], stored[-SEAL_BYTES:]
    return coded if coded and seal == SEAL_MARK + _digest(coded, place) else None


def ends_whole(path: Path) -> bool:
    """Whether a stored frame's file has its end mark: a torn copy lacks it, and so does a file of other origin."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) <= SEAL_BYTES:
            return False
        file.seek(-SEAL_BYTES, os.SEEK_END)
        return file.read(len(SEAL_MARK)) == SEAL_MARK


def _digest(coded: bytes, place: str) -> bytes:
    return hashlib.blake2b(coded, digest_size=16, key=hashlib.blake2b(place.encode()).digest()).digest()


def _encode_exr(levels: Levels) -> bytes:
    """The library writes to named files only."""
    import OpenEXR

    name = "RGBA" if levels.shape[2] == 4 else "RGB"
    header = {"compression": OpenEXR.RLE_COMPRESSION, "type": OpenEXR.scanlineimage}
    with tempfile.TemporaryDirectory(prefix="stylize-") as folder:
        file = Path(folder) / "frame.exr"
        with OpenEXR.File(header, {name: levels}) as picture:
            picture.write(str(file))
        return file.read_bytes()


def _decode_exr(coded: bytes) -> Pixels | None:
    import OpenEXR

    with tempfile.TemporaryDirectory(prefix="stylize-") as folder:
        file = Path(folder) / "frame.exr"
        file.write_bytes(coded)
        channels = OpenEXR.File(str(file)).channels()
    picture = channels["RGBA" if "RGBA" in channels else "RGB"].pixels
    return np.ascontiguousarray(picture, np.float32)
