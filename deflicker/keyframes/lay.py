"""Lays what is known of a picture over another drawing of the same moment, so that no seam is seen."""

from __future__ import annotations

import cv2
import numpy as np

from deflicker.arrays import Image, Plane
from deflicker.keyframes.fill import fill
from deflicker.resize import REFERENCE_HEIGHT

NEAR = 6.0
"""Deviation of the Gaussian over which the two are compared in colour, in px at a height of 288."""
MOST = 0.5
"""The largest difference in colour that is made good."""
COARSE = 4
"""Differences are continued on a grid of so many pixels across."""


def lay_over(drawn: Image, picture: Image, known: Plane) -> Image:
    """The picture where it is known; elsewhere the drawing, its slow colour changed to meet the picture's.

    Args:
        drawn, picture: (height, width, 3) float32 in [0, 1].
        known: how far the picture is known, (height, width) float32 in [0, 1]; where it is 1, the result is the
            picture, to the bit.

    Returns:
        (height, width, 3) float32 in [0, 1].
    """
    low = float(known.min())
    if low >= 1:
        return picture
    met = np.clip(cv2.add(drawn, _change(drawn, picture, known)), 0, 1)
    weights = cv2.merge([known] * 3)
    mixed = cv2.add(cv2.multiply(picture, weights), cv2.multiply(met, 1 - weights))
    return np.clip(mixed, 0, 1)


def _change(drawn: Image, picture: Image, known: Plane) -> Image:
    """What the drawing's slow colour lacks to meet the picture where both are, continued into the open parts."""
    rows, columns = known.shape
    size = (max(1, columns // COARSE), max(1, rows // COARSE))
    weight = cv2.resize(known, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0])
    apart = cv2.multiply(cv2.subtract(picture, drawn), cv2.merge([known] * 3))
    apart = cv2.resize(apart, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], 3)
    sigma = max(0.5, NEAR * rows / REFERENCE_HEIGHT / COARSE)
    weight, apart = (cv2.GaussianBlur(each, (0, 0), sigma) for each in (weight, apart))
    if not float(weight.max()) > 0:
        return np.zeros_like(drawn)
    mean = apart / np.maximum(weight, np.float32(1e-3))[..., None]
    slow = np.clip(fill(mean, np.clip(weight, 0, 1), 0.5), -MOST, MOST)
    return cv2.resize(slow, (columns, rows), interpolation=cv2.INTER_LINEAR)
