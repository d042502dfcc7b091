"""Painted 90s: cels before painted backgrounds, through a soft lens."""

from __future__ import annotations

import cv2
import numpy as np

from stylize.finish.ink import edge_tangent, mean_along
from training.styles import picture_ops as ops
from training.styles.picture_ops import Picture
from training.styles.scene_layers import SceneLayers

LINE = (0.15, 0.10, 0.16)
WARM = np.array([1.05, 1.0, 0.90], np.float32)
COOL = np.array([0.90, 0.97, 1.10], np.float32)
STROKE_PX = 14.0
"""How far a brush runs along the shapes of a background."""
TOOTH = 0.05
"""How much one brush stroke differs from the next in lightness."""


def draw_painted_90s(layers: SceneLayers, rng: np.random.Generator) -> Picture:
    """Poster colour: light warm and shade cool, brush strokes along the shapes, and a fine dark line."""
    paint = ops.saturated(ops.exposed(0.7 * layers.painted + 0.3 * layers.paint, 0.5), 1.12)
    tone = ops.luma(paint)
    side = ops.smoothstep(tone, 0.25, 0.75)[..., None]
    graded = np.clip(paint * (COOL + (WARM - COOL) * side), 0, 1).astype(np.float32)
    tangent = edge_tangent(tone, 3.0)
    along = [mean_along(np.ascontiguousarray(graded[..., c]), tangent, STROKE_PX) for c in range(3)]
    bristles = mean_along(
        np.ascontiguousarray(ops.field(rng, tone.shape, "grit", 0.8)), tangent, STROKE_PX, 1.5
    )
    strokes = np.asarray(cv2.merge(along), np.float32) * (1 + TOOTH * bristles)[..., None]
    line = ops.smoothstep(layers.ink, 0.25, 0.8)
    return np.clip(ops.mixed(strokes.astype(np.float32), LINE, 0.85 * line), 0, 1)
