"""Step B: each pixel becomes the mean of those drawings of it that agree with their median."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from deflicker.arrays import Image, Plane
from deflicker.median import median

AGREEMENT = 24 / 255
"""The Welsch scale: a drawing this far from the median counts e^-0.5."""
DOUBT = 0.05
"""What the frame's own drawing counts at least, so that the mean always has something to divide by."""
BAND_PX = 1 << 16
"""Pixels fused at a time, in whole rows: what lies between the steps stays in the processor's cache."""


def robust_mean(own: Image, neighbours: Sequence[tuple[Image, Plane]], sigma: float) -> Image:
    """sum(r_k W S_k) / sum(r_k), with r_k = c_k exp(-G*|W S_k - M|^2 / 2 (24/255)^2).

    M is the median over `own` and its neighbours. A neighbour that is not believed votes for `own` instead,
    so a pixel that nobody can confirm stays as it is drawn. `own` is weighed like the rest, with c = 1: a
    mark that only this frame has is flicker too. The distances are smoothed by G, a Gaussian, because a line
    belongs to a frame as a whole and not pixel by pixel.

    Args:
        own: S, (height, width, 3) float32.
        neighbours: each W S_k, (height, width, 3), with its confidence c, (height, width) in [0, 1].
        sigma: of G, in pixels.

    Returns:
        (height, width, 3) float32.
    """
    rows, halo = len(own), round(4 * sigma) + 2
    height = max(BAND_PX // own.shape[1], 4 * halo)
    fused = np.empty_like(own)
    for top in range(0, rows, height):
        first, last = max(top - halo, 0), min(top + height + halo, rows)
        near = [(warped[first:last], sure[first:last]) for warped, sure in neighbours]
        band = _mean_of_rows(own[first:last], near, sigma)
        fused[top : top + height] = band[top - first : top - first + height]
    return fused


def _mean_of_rows(own: Image, neighbours: Sequence[tuple[Image, Plane]], sigma: float) -> Image:
    middle = median([own, *(_believed(own, warped, sure) for warped, sure in neighbours)])
    weight = np.maximum(_agreement(own, middle, sigma), np.float32(DOUBT))
    total = cv2.multiply(own, cv2.merge([weight] * 3))
    for warped, sure in neighbours:
        counts = cv2.multiply(sure, _agreement(warped, middle, sigma))
        cv2.accumulateProduct(warped, cv2.merge([counts] * 3), total)
        cv2.add(weight, counts, dst=weight)
    return cv2.divide(total, cv2.merge([weight] * 3))


def _believed(own: Image, warped: Image, sure: Plane) -> Image:
    """own + c (warped - own), to a hundred-thousandth."""
    return cv2.blendLinear(warped, own, sure, 1 - sure)


def _agreement(drawing: Image, middle: Image, sigma: float) -> Plane:
    """Welsch's weight of the distance to the median, the mean square over R, G and B."""
    apart = cv2.subtract(drawing, middle)
    scale = np.full((1, 3), -1 / (3 * 2 * AGREEMENT**2), np.float32)
    distance = cv2.transform(cv2.multiply(apart, apart), scale)
    return cv2.exp(cv2.GaussianBlur(distance, (0, 0), sigma))
