"""Grain measured and matched, so that subject and backdrop look shot on one stock."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from compositing.colour import Image, Plane, linear_from_srgb, srgb_from_linear

SIZE_PX = 0.7
"""Of a grain, at a height of 1080."""
SPARE = 256
"""How much larger than a frame the field is that grain is cut from, px."""
BAND = 32
"""Rows that are worked on at once."""
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
    """A frame's grain, (H, W) float32 with a deviation of 1: another in each frame, the same in each run.

    It is cut out of one larger field at a place of the frame's own, mirrored or not.
    """
    rng = np.random.default_rng((seed, frame))
    top, left, across, down = (int(each) for each in rng.integers(0, (SPARE, SPARE, 2, 2)))
    part = _field((shape[0] + SPARE, shape[1] + SPARE), seed, SIZE_PX * shape[0] / 1080)
    part = part[top : top + shape[0], left : left + shape[1]]
    return np.ascontiguousarray(part[:: 1 - 2 * down, :: 1 - 2 * across])


@lru_cache(maxsize=2)
def _field(shape: tuple[int, int], seed: int, sigma_px: float) -> Plane:
    noise: Plane = np.random.default_rng(seed).standard_normal(shape, np.float32)
    if sigma_px > 0.3:
        noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), sigma_px), np.float32)
        noise *= np.float32(1 / noise.std())
    return noise


def grainy(light: Image, sigma: float, frame: int, seed: int = 0) -> Image:
    """A scene-linear picture under a frame's grain; `sigma` is display-referred, as `add_grain` takes it."""
    grains = grain(light.shape[:2], frame, seed)
    done = np.empty_like(light)
    for start in range(0, len(light), BAND):
        band = slice(start, start + BAND)
        done[band] = linear_from_srgb(add_grain(srgb_from_linear(light[band]), grains[band], sigma))
    return done


def add_grain(picture: Image, grains: Plane, sigma: float) -> Image:
    """A display-referred picture under grain that is strongest in the middle tones and leaves black and white."""
    if sigma <= 0:
        return picture
    grey = np.clip(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), 0, 1)
    weight = np.float32(4 * sigma) * grey * (1 - grey) * grains
    laid = cv2.add(picture, cv2.merge([weight] * 3))
    return np.clip(laid, 0, 1, out=laid)
