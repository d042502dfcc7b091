"""A picture of a glTF document, decoded once its header says that it can be held."""

from __future__ import annotations

import struct
from typing import Any

import cv2
import numpy as np

from compositing.colour import linear_from_srgb
from compositing.gltf.document import Array, Document, broken, resource
from compositing.limits import TEXTURE_PIXELS

PIXEL_BYTES = 16
"""Of a decoded pixel: four floats."""
PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
"""How the files begin that glTF 2.0 allows."""
NO_SIZE = (0xC4, 0xC8, 0xCC)
"""Markers of JPEG between those of frame headers (0xC0 to 0xCF) that are none."""


def read_texture(document: Document, table: dict[str, Any]) -> Array:
    """An image of the document, (h, w, 4) float32, scene-linear with straight alpha.

    Raises:
        UnreadableFile: it cannot be read, is too large, or there is no room for it.
    """
    if "uri" in table:
        data = resource(table["uri"], document.folder)
    else:
        view = document.entries("bufferViews")[table["bufferView"]]
        start = int(view.get("byteOffset", 0))
        data = document.buffers[view["buffer"]][start : start + int(view["byteLength"])]
    width, height = picture_size(data) or (0, 0)
    _check(width * height)
    document.room.take(PIXEL_BYTES * width * height)
    try:
        stored: Array | None = (
            cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if data else None
        )
    except cv2.error:  # a size beyond OpenCV's own limit
        stored = None
    if stored is None:
        raise broken("A texture of the glTF file cannot be read.")
    if width == 0:  # of another kind than glTF allows, which is read all the same
        _check(stored.shape[0] * stored.shape[1])
        document.room.take(PIXEL_BYTES * stored.shape[0] * stored.shape[1])
    if stored.ndim == 2:
        stored = cv2.cvtColor(stored, cv2.COLOR_GRAY2BGR)
    values = stored.astype(np.float32) / np.float32(65535 if stored.dtype == np.uint16 else 255)
    alpha = values[..., 3:] if values.shape[2] == 4 else np.ones((*values.shape[:2], 1), np.float32)
    return np.concatenate([linear_from_srgb(np.ascontiguousarray(values[..., 2::-1])), alpha], axis=2)


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Width and height by the header of a PNG (ISO/IEC 15948, 11.2.2) or a JPEG (ITU-T T.81, B.2.2); None of any
    other data."""
    if data.startswith(PNG) and len(data) >= 24:
        width, height = struct.unpack_from(">II", data, 16)
        return width, height
    at = len(JPEG)
    while data.startswith(JPEG) and at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in NO_SIZE:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        # any number of 0xFF may stand before a marker; behind it stands how much follows
        at += 1 if marker == 0xFF else 2 + struct.unpack_from(">H", data, at + 2)[0]
    return None


def _check(pixels: int) -> None:
    if pixels > TEXTURE_PIXELS:
        raise broken("A texture of the glTF file cannot be read.")
