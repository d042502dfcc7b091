"""The arrays that pass between the modules, and the checks at the door."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[Any]
"""RGB float32, shape (height, width, 3), in [0, 1]. (OpenCV's stubs lose the element type.)"""

Field = NDArray[Any]
"""A displacement in pixels, float32 (height, width, 2): [..., 0] points right, [..., 1] points down."""

Plane = NDArray[Any]
"""One float32 number a pixel, shape (height, width)."""

EXACT = 1e-6
"""Two ways to write n/255 as float32 differ by less."""
ROWS = 128
"""Packed at a time, so that no second float32 picture is in memory."""
Stored = NDArray[Any]
"""An `Image` as `pack` keeps it: uint8, uint16 or float32, (height, width, 3)."""


def pack(image: Image) -> Stored:
    """The image in as few bytes as hold it: what came from 8 or 16 bits goes back to them, the rest stays."""
    for kind in (np.uint8, np.uint16):
        packed = np.empty(image.shape, kind)
        if all(
            _packs(image[top : top + ROWS], packed[top : top + ROWS]) for top in range(0, len(image), ROWS)
        ):
            return packed
    return image


def _packs(rows: Image, packed: Stored) -> bool:
    """Writes `rows` to `packed`; whether they are the same numbers."""
    most = float(np.iinfo(packed.dtype).max)
    if packed.dtype == np.uint8:
        cv2.convertScaleAbs(rows, dst=packed, alpha=most)  # what lies below zero differs below
    else:
        packed[...] = np.rint(rows * np.float32(most)).clip(0, most)
    return cv2.norm(unpack(packed), rows, cv2.NORM_INF) <= EXACT


def widen(array: NDArray[Any]) -> NDArray[Any]:
    """The array in float32; from float16 five times as fast as numpy does it."""
    return array if array.dtype == np.float32 else cv2.add(array, 0, dtype=cv2.CV_32F)  # type: ignore[call-overload]


def magnitude(x: Plane, y: Plane) -> Plane:
    """The length of vectors, to the same bits at every call; those of cv2.magnitude depend on where arrays lie."""
    return np.sqrt(np.add(np.multiply(x, x), np.multiply(y, y)))


def slopes(plane: Plane) -> tuple[Plane, Plane]:
    """What a plane changes by in a pixel, across and down (Sobel's 3x3), in the plane's own unit."""
    return cv2.Sobel(plane, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(plane, cv2.CV_32F, 0, 1, scale=1 / 8)


def narrow(array: NDArray[Any]) -> NDArray[Any]:
    """The array in float16; ten times as fast as numpy does it."""
    return cv2.add(array, 0, dtype=cv2.CV_16F)  # type: ignore[call-overload]


def set_where(array: NDArray[Any], where: NDArray[np.bool_], value: float) -> None:
    """Sets a plane to a value in some places; up to twenty times as fast as numpy does it."""
    cv2.copyTo(np.full_like(array, value), where.view(np.uint8), array)


def unpack(stored: Stored) -> Image:
    """The image that `pack` kept: float32 in [0, 1]."""
    if stored.dtype == np.float32:
        return stored
    image = stored.astype(np.float32)
    return np.multiply(image, np.float32(1 / np.iinfo(stored.dtype).max), out=image)


def as_image(frame: object, name: str) -> Image:
    """Returns `frame` as a contiguous float32 image, without copying where it already is one.

    Args:
        frame: (height, width, 3) floats in [0, 1].
        name: what to call it in an error.

    Raises:
        ValueError: it is no such array, or holds NaN or infinity, or is plainly not in [0, 1].
    """
    if not isinstance(frame, np.ndarray) or frame.ndim != 3 or frame.shape[2] != 3 or 0 in frame.shape:
        found = f"an array of shape {frame.shape}" if isinstance(frame, np.ndarray) else type(frame).__name__
        raise ValueError(f"{name} must be an RGB array of shape (height, width, 3), not {found}.")
    if not np.issubdtype(frame.dtype, np.floating):
        raise ValueError(f"{name} is {frame.dtype}: give float32 RGB in [0, 1].")
    image = np.ascontiguousarray(frame, np.float32)
    low, high = float(image.min()), float(image.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError(f"{name} holds NaN or infinite pixels.")
    if low < -0.5 or high > 1.5:
        raise ValueError(f"{name} ranges from {low:.3g} to {high:.3g}: give float32 RGB in [0, 1].")
    return image


def levels8(image: Image) -> NDArray[np.uint8]:
    """The image as uint8 RGB, (height, width, 3); what lies below 0 becomes 0, what came from 8 bits goes back
    to them."""
    return np.asarray(cv2.addWeighted(image, 255, image, 0, 0, dtype=cv2.CV_8U), np.uint8)


def luma8(image: Image) -> Plane:
    """The image as uint8 luma (the Rec. 601 weights on the coded values), shape (height, width)."""
    luma = np.maximum(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.float32(0))
    return cv2.convertScaleAbs(luma, alpha=255.0)
