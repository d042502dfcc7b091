"""Step A: the slow part of the colour, drawn to the median of its neighbours in time.

Works on pictures a quarter of the size: what it corrects is wider than a dozen pixels.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from deflicker.arrays import Image, Plane
from deflicker.median import median

FAINT = 0.02
"""Confidence below which a neighbourhood does not count: keeps the quotient from amplifying noise."""


def correction(own: Image, neighbours: Sequence[tuple[Image, Plane]], sigma: float) -> Image:
    """What to add to `own` so that its low frequencies become the median over time.

    For each neighbour, D = G*(c (W S_k - S)) / (G*c + eps), G a Gaussian; the result is the median of all D
    and of 0, which stands for the frame itself.

    Args:
        own: S, (height, width, 3) float32.
        neighbours: each W S_k, (height, width, 3), with its confidence c, (height, width) in [0, 1].
        sigma: of G, in pixels of `own`.

    Returns:
        (height, width, 3) float32, signed.
    """
    differences = [np.zeros_like(own)]
    for warped, sure in neighbours:
        weights = cv2.merge([sure, sure, sure])
        change = cv2.multiply(cv2.subtract(warped, own), weights)
        change = cv2.GaussianBlur(change, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
        weights = cv2.GaussianBlur(weights, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
        differences.append(cv2.divide(change, weights + np.float32(FAINT)))
    return median(differences)
