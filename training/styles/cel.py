"""Cel: few, full paints under a bold line."""

from __future__ import annotations

import cv2
import numpy as np

from training.styles.layers import Layers
from training.styles.surface import Picture, exposed, mixed, saturated, smoothstep

BANDS = 6
"""Steps of lightness that the paint pots come in."""
SOFT = 0.3
"""Share of a band over which one paint passes into the next: anti-aliasing, no more."""
LINE = (0.07, 0.05, 0.09)


def draw_cel(layers: Layers, rng: np.random.Generator) -> Picture:
    """Vivid paint in six bands of lightness under full black outlines."""
    paint = saturated(exposed(layers.paint, 0.56), 1.55)
    lab = cv2.cvtColor(paint, cv2.COLOR_RGB2LAB)
    lab[..., 0] = 100 * _banded(lab[..., 0] / 100)
    flat = np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1).astype(np.float32)
    bold = smoothstep(layers.ink, 0.25, 0.75)
    return mixed(flat, LINE, bold)


def _banded(lightness: np.ndarray) -> np.ndarray:
    steps = np.clip(lightness, 0, 0.999) * BANDS
    lower = np.floor(steps)
    within = steps - lower
    return np.clip((lower + 0.62 + smoothstep(within, 1 - SOFT, 1.0)) / BANDS, 0, 0.97)
