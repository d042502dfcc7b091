"""Cel: few, saturated paints under a bold line."""

from __future__ import annotations

import cv2
import numpy as np

from training.styles import picture_ops as ops
from training.styles.picture_ops import Picture
from training.styles.scene_layers import SceneLayers

BANDS = 6
"""Steps of lightness."""
SOFT = 0.3
"""Share of a band over which one paint passes into the next, for anti-aliasing."""
LINE = (0.07, 0.05, 0.09)


def draw_cel(layers: SceneLayers, rng: np.random.Generator) -> Picture:
    """Vivid paint in six bands of lightness under full black outlines."""
    paint = ops.saturated(ops.exposed(layers.paint, 0.56), 1.55)
    lab = cv2.cvtColor(paint, cv2.COLOR_RGB2LAB)
    lab[..., 0] = 100 * _banded(lab[..., 0] / 100)
    flat = np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1).astype(np.float32)
    bold = ops.smoothstep(layers.ink, 0.25, 0.75)
    return ops.mixed(flat, LINE, bold)


def _banded(lightness: np.ndarray) -> np.ndarray:
    """Lightness in [0, 1] in `BANDS` steps."""
    steps = np.clip(lightness, 0, 0.999) * BANDS
    lower = np.floor(steps)
    within = steps - lower
    return np.clip((lower + 0.62 + ops.smoothstep(within, 1 - SOFT, 1.0)) / BANDS, 0, 0.97)
