"""Display-referred and scene-linear values, straight and premultiplied colour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[Any]
"""Float32 RGB, shape (height, width, 3). (OpenCV's stubs lose the element type.)"""

Plane = NDArray[Any]
"""One float32 number a pixel, shape (height, width)."""

FAINT = np.float32(1 / 4096)
"""Alpha below which a pixel's own colour is not known: nothing is divided by less."""

STRIP = 1 << 17
"""Numbers that a curve is worked out for at once."""


def linear_from_srgb(values: Image) -> Image:
    """Scene-linear light from display-referred values, by IEC 61966-2-1.

    Values beyond [0, 1] are kept: the curve goes on above 1, its straight part below 0 (as in scRGB).

    Args:
        values: float32, any shape.

    Returns:
        float32 of the same shape.
    """
    flat = np.ascontiguousarray(values, np.float32).reshape(1, -1)
    light = np.empty_like(flat)
    for part in _strips(flat.size):
        given, found = flat[:, part], light[:, part]
        curved = np.maximum(given, np.float32(0.04045))
        curved *= np.float32(1 / 1.055)
        curved += np.float32(0.055 / 1.055)
        cv2.pow(curved, 2.4, dst=curved)
        # Each part stands still outside its own reach, so their sum less the joint is the whole curve.
        np.minimum(given, np.float32(0.04045), out=found)
        found -= np.float32(0.04045)
        found *= np.float32(1 / 12.92)
        found += curved
    return light.reshape(values.shape)


def srgb_from_linear(light: Image) -> Image:
    """The inverse of `linear_from_srgb`; values beyond [0, 1] are kept. float32, same shape."""
    flat = np.ascontiguousarray(light, np.float32).reshape(1, -1)
    values = np.empty_like(flat)
    joint = np.float32(0.04045 / 12.92)
    for part in _strips(flat.size):
        given, found = flat[:, part], values[:, part]
        curved = np.maximum(given, joint)
        cv2.pow(curved, 1 / 2.4, dst=curved)
        curved *= np.float32(1.055)
        np.minimum(given, joint, out=found)
        found *= np.float32(12.92)
        found -= np.float32(0.055 + 0.04045)
        found += curved
    return values.reshape(light.shape)


def premultiply(colour: Image, alpha: Plane) -> Image:
    """Straight colour, (height, width, 3), times its alpha, (height, width) in [0, 1]."""
    return cv2.multiply(colour, cv2.merge([alpha, alpha, alpha]))


def unpremultiply(premult: Image, alpha: Plane) -> Image:
    """Straight colour from premultiplied; black where alpha is nothing."""
    inverse = np.where(alpha > FAINT, 1 / np.maximum(alpha, FAINT), 0).astype(np.float32)
    return premultiply(premult, inverse)


def over(front_premult: Image, alpha: Plane, back: Image) -> Image:
    """Porter and Duff's over: a premultiplied picture before an opaque one, both scene-linear."""
    return cv2.add(front_premult, premultiply(back, 1 - alpha))


def luminance(light: Image) -> Plane:
    """Rec. 709 luminance of scene-linear RGB, (height, width)."""
    return cv2.transform(light, np.array([[0.2126, 0.7152, 0.0722]], np.float32))


def _strips(count: int) -> Iterator[slice]:
    """Parts of so many numbers, one after the other, each small enough for the processor's cache."""
    return (slice(start, start + STRIP) for start in range(0, count, STRIP))
