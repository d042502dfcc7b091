"""Ink noir: black and white, hatching between, and white lines where black meets black."""

from __future__ import annotations

import cv2
import numpy as np

from training.base.scenes import Layers
from training.styles.surface import Picture, Plane, blur, exposed, field, luma, smoothstep

PAPER, BLACK = np.float32(0.965), np.float32(0.03)
WARM = np.array([1.0, 0.99, 0.965], np.float32)
HATCH_PX = 4.2
"""From stroke to stroke."""


def draw_ink_noir(layers: Layers, rng: np.random.Generator) -> Picture:
    """Shadows run together in black, lights are bare paper, and what lies between is hatched."""
    paint = exposed(layers.paint, 0.42)
    tone = blur(0.7 * luma(paint) + 0.3 * luma(exposed(blur(layers.photo, 2.0), 0.42)), 1.0)
    # Stretched about the surroundings: every part of the page has its black and its white.
    around = blur(tone, tone.shape[0] / 5)
    tone = np.clip(0.5 + 1.25 * (tone - 0.55 * around - 0.45 * 0.46), 0, 1)
    white = np.maximum(smoothstep(tone, 0.50, 0.56), _hatching(tone, rng))
    white *= smoothstep(tone, 0.27, 0.32)
    in_black = 1 - blur(smoothstep(tone, 0.30, 0.42), 1.2)
    line = smoothstep(np.asarray(cv2.dilate(layers.ink, np.ones((2, 2), np.uint8)), np.float32), 0.2, 0.7)
    page = white * (1 - line) + line * smoothstep(in_black, 0.5, 0.9)
    return (np.clip(BLACK + (PAPER - BLACK) * page, 0, 1)[..., None] * WARM).astype(np.float32)


def _hatching(tone: Plane, rng: np.random.Generator) -> Plane:
    """White between strokes along one diagonal, wider as the tone is lighter, (H, W) in [0, 1]."""
    height, width = tone.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    unsteady = 0.35 * field(rng, tone.shape, "cloud", 0.5)
    wave = np.cos(2 * np.pi * ((x + y) / (HATCH_PX * np.sqrt(2)) + unsteady + rng.random()))
    share = np.clip((tone - 0.30) / 0.24, 0, 1)
    return smoothstep(wave.astype(np.float32) + 1.6 * (share - 0.5), -0.25, 0.25)
