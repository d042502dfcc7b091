"""Pictures at a smaller size."""

from __future__ import annotations

import cv2

from deflicker.arrays import Image

REFERENCE_HEIGHT = 288
"""The frame height, in pixels, for which the widths of filters are given."""


def reduced(image: Image, scale: float) -> Image:
    """The image at `scale` <= 1 of its size, each pixel the mean of those it covers."""
    if scale == 1:
        return image
    rows, columns = (max(1, round(side * scale)) for side in image.shape[:2])
    return cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA)


def half(image: Image) -> Image:
    return reduced(image, 0.5)
