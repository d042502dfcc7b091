"""Back to the source's own size, with edges as sharp as the source's."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from stylize.footage.clip import Pixels

Plane = NDArray[np.float32]

RADIUS_PX = 2
"""Of the neighbourhood in which drawing and plate are compared, at the drawing's size."""
NOISE = 0.02**2
"""Variance below which a neighbourhood counts as flat: it has no edge to give."""
STEEPEST = 1.5
"""The most that the drawing may be taken to change per change of the plate."""
CRISP, CRISP_PX = 1.6, 0.6
"""How far what a blur of this width takes away is laid on instead."""


def enlarge(drawn: Pixels, plate: Pixels, detail: float = 1.0) -> Pixels:
    """Enlarges a drawing to the plate's size.

    The drawing is made crisp, and where it has an edge that the plate has too, the plate says where that edge
    runs at full size. Where the drawing is flat, or the plate does something else, nothing of the plate comes
    in. No value leaves the range that the drawing itself has nearby, so there are no halos.

    Args:
        drawn: (h, w, 3) float32 RGB in [0, 1], no larger than the plate.
        plate: (H, W, 3) float32 RGB in [0, 1], the same frame of the source.
        detail: 0 for a plain enlargement (cubic), 1 for all of the above.

    Returns:
        (H, W, 3) float32 RGB in [0, 1]; `drawn` itself where it has that size already.
    """
    size = (plate.shape[1], plate.shape[0])
    if (drawn.shape[1], drawn.shape[0]) == size:
        return drawn
    crisp = drawn
    if detail > 0:
        blurred = cv2.GaussianBlur(drawn, (0, 0), CRISP_PX)
        crisp = np.asarray(
            cv2.addWeighted(drawn, 1 + CRISP * detail, blurred, -CRISP * detail, 0), np.float32
        )
    big = np.asarray(cv2.resize(crisp, size, interpolation=cv2.INTER_CUBIC), np.float32)
    if detail > 0:
        other = cv2.merge([_detail_of(plate, drawn, detail)] * 3)
        cv2.add(big, other, dst=big)
        window = np.ones((3, 3), np.uint8)  # one more picture of the full size is in memory, and not three
        cv2.max(big, cv2.resize(cv2.erode(drawn, window), size, dst=other), dst=big)
        cv2.min(big, cv2.resize(cv2.dilate(drawn, window), size, dst=other), dst=big)
    return np.clip(big, 0, 1, out=big)


def _detail_of(plate: Pixels, drawn: Pixels, amount: float) -> Plane:
    """What the plate has that its copy at the drawing's size has not, as the drawing would have it: (H, W)."""
    size, small = (plate.shape[1], plate.shape[0]), (drawn.shape[1], drawn.shape[0])
    grey = np.asarray(cv2.cvtColor(plate, cv2.COLOR_RGB2GRAY), np.float32)
    grey_small = np.asarray(cv2.resize(grey, small, interpolation=cv2.INTER_AREA), np.float32)
    slope = _slope(np.asarray(cv2.cvtColor(drawn, cv2.COLOR_RGB2GRAY), np.float32), grey_small)
    big = cv2.resize(grey_small, size, interpolation=cv2.INTER_CUBIC)
    cv2.subtract(grey, big, dst=grey)
    return np.asarray(
        cv2.multiply(grey, cv2.resize(slope, size, dst=big), dst=grey, scale=amount), np.float32
    )


def _slope(drawn: Plane, plate: Plane) -> Plane:
    """How much the drawing changes per change of the plate in a small neighbourhood, 0 to `STEEPEST`.

    The slope of He, Sun, Tang, "Guided Image Filtering", PAMI 2013, taken at the small size as in their "Fast
    Guided Filter", 2015. It counts by the sixteenth power of the correlation: a line over grass follows the
    grass a little, by chance, and its edge would be frayed by it; at a true common edge the two are one picture.
    """
    side = (2 * RADIUS_PX + 1, 2 * RADIUS_PX + 1)
    mean_drawn, mean_plate = cv2.blur(drawn, side), cv2.blur(plate, side)
    covariance = np.maximum(cv2.blur(drawn * plate, side) - mean_drawn * mean_plate, 0)
    variance_drawn = cv2.blur(drawn * drawn, side) - mean_drawn * mean_drawn + NOISE
    variance_plate = cv2.blur(plate * plate, side) - mean_plate * mean_plate + NOISE
    likeness = covariance * covariance / (variance_drawn * variance_plate)
    for _ in range(3):
        likeness *= likeness
    return np.asarray(np.minimum(covariance / variance_plate, STEEPEST) * likeness, np.float32)
