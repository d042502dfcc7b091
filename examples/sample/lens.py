"""What glass and film do to a picture: focus, flare, vignette, tone and grain."""

from __future__ import annotations

import cv2
import numpy as np

from .texture import Floats, vec

_LEVELS = (0.0, 1.5, 3.0, 5.0, 8.0, 12.0, 18.0)
"""Blur diameters, in pixels, between which a pixel's own is interpolated."""


def _disc(diameter: float) -> Floats:
    """A round, antialiased kernel that sums to one."""
    size = int(np.ceil(diameter / 2)) * 2 + 1
    axis = np.arange(size) - size // 2
    out = np.hypot(*np.meshgrid(axis, axis))
    kernel = np.clip(diameter / 2 + 0.5 - out, 0, 1).astype(np.float32)
    return np.asarray(kernel / kernel.sum(), np.float32)


def defocus(picture: Floats, blur_px: Floats) -> Floats:
    """Blur each pixel of (H, W, 3) by its own disc, (H, W) in pixels; sharp things do not bleed."""
    blur = cv2.GaussianBlur(blur_px, (0, 0), 1.2)
    stack = [picture]
    for diameter in _LEVELS[1:]:
        weight = np.clip((blur - 0.35 * diameter) / (0.3 * diameter), 0.003, 1).astype(np.float32)
        kernel = _disc(diameter)
        spread = cv2.filter2D(picture * weight[..., None], -1, kernel, borderType=cv2.BORDER_REFLECT)
        total = cv2.filter2D(weight, -1, kernel, borderType=cv2.BORDER_REFLECT)
        stack.append(vec(spread / total[..., None]))
    out = np.zeros_like(picture)
    place = np.interp(blur, _LEVELS, np.arange(len(_LEVELS)))
    for number, level in enumerate(stack):
        out += level * np.clip(1 - np.abs(place - number), 0, 1)[..., None].astype(np.float32)
    return out


def develop(picture: Floats, exposure: float, grain: float, rng: np.random.Generator) -> Floats:
    """Scene-linear (H, W, 3) to display-referred [0, 1]: halation, vignette, filmic tone, grain.

    `grain` is the deviation of the grain in the middle tones. The curve is Narkowicz's fit (2015) to the
    ACES tone scale; the transfer is sRGB's.
    """
    height, width = picture.shape[:2]
    bright = np.clip(picture - 1.6, 0, 8)
    halo = (
        cv2.GaussianBlur(bright, (0, 0), width / 90) * 0.6
        + cv2.GaussianBlur(bright, (0, 0), width / 25) * 0.4
    )
    lit = picture + 0.10 * halo
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    corner = np.hypot((x + 0.5) / width - 0.5, ((y + 0.5) / height - 0.5) * 0.7) / 0.61
    lit = lit * (1 - 0.30 * corner**2.4)[..., None] * np.float32(exposure)
    toned = np.clip(lit * (2.51 * lit + 0.03) / (lit * (2.43 * lit + 0.59) + 0.14), 0, 1)
    grey = toned.mean(-1, keepdims=True)
    toned = np.clip(grey + (toned - grey) * 0.92, 0, 1)
    display = np.where(toned < 0.0031308, toned * 12.92, 1.055 * toned ** (1 / 2.4) - 0.055)
    speck: np.ndarray = rng.normal(0, 1, (height, width, 1)) + 0.35 * rng.normal(0, 1, (height, width, 3))
    speck = cv2.GaussianBlur(vec(speck), (0, 0), 0.55) * 1.6
    tone = display.mean(-1, keepdims=True)
    display = display + grain * speck * (0.35 + 2.6 * tone * (1 - tone))
    return np.clip(display * 0.985 + 0.008, 0, 1).astype(np.float32)
