"""Retro 90s: painted cels shot on film: muted paint, soft bloom, heavy brown line. Its grain is the finish's."""

from __future__ import annotations

import numpy as np

from training.styles import picture_ops as ops
from training.styles.picture_ops import Picture
from training.styles.scene_layers import SceneLayers

LINE = (0.17, 0.10, 0.10)
SHADOWS, LIGHTS = np.array([0.10, 0.055, 0.095], np.float32), np.array([0.97, 0.945, 0.86], np.float32)
"""Colours of black and white on the film print."""


def draw_retro_90s(layers: SceneLayers, rng: np.random.Generator) -> Picture:
    """Flat paint under a heavy line, then the camera: bloom, the print's colours, a slight blur."""
    paint = ops.saturated(ops.exposed(layers.paint, 0.58), 0.8)
    flat = 0.85 * paint + 0.15 * ops.blur(paint, 2.0)
    bold = ops.smoothstep(layers.ink, 0.15, 0.65)
    cel = ops.mixed(flat, LINE, 0.93 * bold)
    light = ops.smoothstep(ops.luma(cel), 0.55, 0.95)[..., None] * cel
    glow = 0.55 * ops.blur(light, 5.0) + 0.45 * ops.blur(light, 14.0)
    bloomed = 1 - (1 - cel) * (1 - 0.42 * glow * np.array([1.0, 0.86, 0.66], np.float32))
    printed = SHADOWS + (LIGHTS - SHADOWS) * (bloomed**1.06)
    printed *= np.array([1.02, 0.99, 0.93], np.float32)
    soft = ops.blur(np.clip(printed, 0, 1).astype(np.float32), 0.6)
    return soft
