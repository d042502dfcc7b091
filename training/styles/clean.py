"""Clean: the digital anime of today. Clear colours, violet shade, thin lines in the colour of what they bound."""

from __future__ import annotations

import numpy as np

from training.styles import picture_ops as ops
from training.styles.picture_ops import Picture
from training.styles.scene_layers import SceneLayers

SHADE = np.array([0.80, 0.74, 0.98], np.float32)
"""What shade multiplies the paint by."""
LIGHT = np.array([1.05, 1.02, 0.97], np.float32)
LINE = (0.62, 0.75)
"""How much darker a line is than the paint around it, and how much of that it takes of its colour."""
DEEP = np.array([0.16, 0.07, 0.20], np.float32)
BLEACH = 0.10
"""How far the lightest colours are lifted towards white."""


def draw_clean(layers: SceneLayers, rng: np.random.Generator) -> Picture:
    """Bright paint whose shade is cool and whose light is warm, under fine lines of darker paint, not of black."""
    paint = ops.saturated(ops.exposed(layers.paint, 0.62), 1.3)
    around = ops.blur(ops.luma(paint), paint.shape[0] / 12)
    side = ops.smoothstep(ops.luma(paint) - around, -0.10, 0.06)[..., None]
    lit = np.clip(paint * (SHADE + (LIGHT - SHADE) * side), 0, 1).astype(np.float32)
    bright = ops.smoothstep(ops.luma(lit), 0.6, 0.95)[..., None]
    page = lit + BLEACH * bright * (1 - lit)
    darker, own = LINE
    local = ops.saturated(np.clip(ops.blur(page, 2.0), 0, 1), 1.3)
    ink = own * (1 - darker) * local + (1 - own) * DEEP
    fine = ops.smoothstep(layers.ink, 0.45, 0.95)
    return np.clip(ops.mixed(page.astype(np.float32), ink.astype(np.float32), 0.9 * fine), 0, 1)
