"""The two fields of a decoded picture's luma, as they are measured."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

COLUMNS = 360
"""Of a picture at most so many columns are looked at, spread over its width; rows are needed all."""
MOVES = 12.0
"""Levels of 255 by which a pixel must change to be one that moves; noise seldom does."""

Fields = tuple[NDArray[np.float32], NDArray[np.float32]]
"""The upper and the lower field of a picture's luma, in levels of 255, (rows / 2, columns)."""


def fields_of(picture: Any) -> Fields | None:
    """The fields of a picture's luma; None where it is stored as RGB, which is never interlaced, or upside down."""
    plane, bits = picture.planes[0], picture.format.components[0].bits
    whole = 8 <= bits <= 16 and plane.line_size > 0
    if not whole or picture.format.is_rgb or picture.format.has_palette or picture.format.is_bit_stream:
        return None
    kind = np.dtype(np.uint8 if bits == 8 else ">u2" if picture.format.is_big_endian else "<u2")
    rows = np.frombuffer(plane, kind).reshape(plane.height, plane.line_size // kind.itemsize)
    step = max(1, -(-plane.width // COLUMNS))
    luma = rows[: plane.height // 2 * 2, : plane.width : step].astype(np.float32) / np.float32(
        1 << (bits - 8)
    )
    return luma[::2], luma[1::2]
