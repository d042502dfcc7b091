"""Grain measured and matched, so that subject and backdrop look shot on one stock."""

from __future__ import annotations

import cv2
import numpy as np

from compositing.colour import Image, Plane

SIZE_PX = 0.7
"""Of a grain, at a height of 1080."""
_GAIN = 1.4826 / np.sqrt(20.0)
"""From the median of the Laplacian's absolute values to the deviation of white noise (its squares sum to 20)."""


def grain_level(picture: Image, where: Plane | None = None) -> float:
    """The standard deviation of the finest noise, display-referred, where the picture is flat.

    Immerkær's (1996) idea with a median in place of the mean: edges and lines are the minority that a median
    passes over.

    Args:
        picture: (H, W, 3) float32 in [0, 1], display-referred.
        where: (H, W) float32; only places above .99 count.

    Returns:
        0 where nothing counts.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    away = np.abs(cv2.Laplacian(grey, cv2.CV_32F))
    if where is not None:
        away = away[cv2.erode(where, np.ones((3, 3), np.uint8)) > 0.99]
    return float(np.median(away) * _GAIN) if away.size else 0.0


def grain(shape: tuple[int, int], frame: int, seed: int = 0) -> Plane:
    """A frame's grain, (H, W) float32 with a deviation of 1: another in each frame, the same in each run."""
    rng = np.random.default_rng((seed, frame))
    noise: Plane = rng.standard_normal(shape, np.float32)
    sigma = SIZE_PX * shape[0] / 1080
    if sigma > 0.3:
        noise = cv2.GaussianBlur(noise, (0, 0), sigma)
        noise = noise / noise.std()
    return noise


def add_grain(picture: Image, grains: Plane, sigma: float) -> Image:
    """A display-referred picture under grain that is strongest in the middle tones and leaves black and white."""
    if sigma <= 0:
        return picture
    grey = np.clip(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), 0, 1)
    weight = np.float32(sigma) * np.clip(4 * cv2.multiply(grey, 1 - grey), 0, 1) * grains
    return np.clip(cv2.add(picture, cv2.merge([weight] * 3)), 0, 1)
