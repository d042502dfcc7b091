"""Back to the source's own size, with edges as sharp as the source's."""

from __future__ import annotations

import cv2
import numpy as np

from stylize.footage.clip import Pixels

RADIUS_PX = 2
"""Of the neighbourhood in which drawing and plate are compared, at the drawing's size."""
NOISE = 0.02**2
"""Variance below which the plate counts as flat: it has no edge to give."""


def enlarge(drawn: Pixels, plate: Pixels, detail: float = 1.0) -> Pixels:
    """Enlarges a drawing to the plate's size.

    Where the drawing has an edge that the plate has too, the plate knows at full size where it runs: the
    plate's fine detail is added in proportion to the local slope of the drawing against the plate. Where the
    drawing is flat that slope is zero, so no texture comes back. Nothing may leave the range that the drawing
    itself has nearby, so there are no halos.

    Args:
        drawn: (h, w, 3) float32 RGB in [0, 1].
        plate: (H, W, 3), the same frame of the source.
        detail: 0 for a plain enlargement, 1 for all of the above.

    Returns:
        (H, W, 3) float32 RGB in [0, 1].

    Source: the slope is that of He, Sun, Tang, "Guided Image Filtering", PAMI 2013, taken at the small size as
    in their "Fast Guided Filter", 2015.
    """
    height, width = plate.shape[:2]
    small = (drawn.shape[1], drawn.shape[0])
    if small == (width, height):
        return drawn
    big = np.asarray(cv2.resize(drawn, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
    if detail > 0:
        big = _sharpen_within(big, drawn, plate, detail)
    return np.clip(big, 0, 1, dtype=np.float32)


def _sharpen_within(big: Pixels, drawn: Pixels, plate: Pixels, detail: float) -> Pixels:
    size = (plate.shape[1], plate.shape[0])
    scale = size[0] / drawn.shape[1]
    grey = np.asarray(cv2.cvtColor(plate, cv2.COLOR_RGB2GRAY), np.float32)
    small = (drawn.shape[1], drawn.shape[0])
    grey_small = np.asarray(cv2.resize(grey, small, interpolation=cv2.INTER_AREA), np.float32)
    grey_drawn = np.asarray(cv2.cvtColor(drawn, cv2.COLOR_RGB2GRAY), np.float32)
    fine = grey - cv2.resize(grey_small, size, interpolation=cv2.INTER_CUBIC)
    slope = cv2.resize(_slope(grey_drawn, grey_small), size)
    blurred = cv2.GaussianBlur(big, (0, 0), 0.6 * scale)
    sharp = big + detail * ((slope * fine)[..., None] + 0.8 * (big - blurred))
    window = np.ones((3, 3), np.uint8)
    low = cv2.resize(cv2.erode(drawn, window), size, interpolation=cv2.INTER_LINEAR)
    high = cv2.resize(cv2.dilate(drawn, window), size, interpolation=cv2.INTER_LINEAR)
    return np.minimum(np.maximum(sharp, low), high)


def _slope(drawn: Pixels, plate: Pixels) -> Pixels:
    """How much the drawing changes per change of the plate, in a small neighbourhood, 0 to 1.5."""
    side = (2 * RADIUS_PX + 1, 2 * RADIUS_PX + 1)
    mean_drawn, mean_plate = cv2.blur(drawn, side), cv2.blur(plate, side)
    covariance = cv2.blur(drawn * plate, side) - mean_drawn * mean_plate
    variance = cv2.blur(plate * plate, side) - mean_plate**2
    return np.clip(covariance / (variance + NOISE), 0, 1.5).astype(np.float32)
