"""Ink noir: black and white, hatching between, and white lines where black meets black."""

from __future__ import annotations

import numpy as np

from training.styles import picture_ops as ops
from training.styles.picture_ops import Picture, Plane
from training.styles.scene_layers import SceneLayers

PAPER, BLACK = np.float32(0.965), np.float32(0.03)
LIGHTS = (0.16, 0.72)
"""Tones that are all ink and all paper; between them, strokes get narrower."""
WARM = np.array([1.0, 0.99, 0.965], np.float32)
HATCH_PX = 3.0
"""Distance of strokes: fine enough that hatching looks like a tone from a distance, and shapes keep their edges."""
SOFT = 0.5
"""Softness of a stroke's edge, as a share of half its height. Strokes three pixels apart with hard edges make a
moire pattern with the pixel grid."""
FAINT, FIRM = 0.4, 0.9
"""Coverage below which a line is left out, and above which it is fully black: many faint lines would hide
shapes."""


def draw_ink_noir(layers: SceneLayers, rng: np.random.Generator) -> Picture:
    """Shadows are black, lights are bare paper, and tones between are hatched; lines in black areas are white."""
    paint = ops.exposed(layers.paint, 0.46)
    tone = ops.blur(
        0.65 * ops.luma(paint) + 0.35 * ops.luma(ops.exposed(ops.blur(layers.photo, 1.2), 0.46)), 0.7
    )
    # More contrast against the surroundings, so that every part of the page has black and white.
    around = ops.blur(tone, tone.shape[0] / 5)
    tone = np.clip(0.5 + 1.3 * (tone - 0.3 * around - 0.7 * 0.46), 0, 1)
    white = _hatching(tone, rng) * ops.smoothstep(tone, 0.12, 0.20)
    in_black = 1 - ops.blur(ops.smoothstep(tone, 0.16, 0.30), 1.2)
    line = ops.smoothstep(layers.ink, FAINT, FIRM)
    page = white * (1 - line) + line * ops.smoothstep(in_black, 0.5, 0.9)
    return (np.clip(BLACK + (PAPER - BLACK) * page, 0, 1)[..., None] * WARM).astype(np.float32)


def _hatching(tone: Plane, rng: np.random.Generator) -> Plane:
    """White gaps between diagonal strokes, wider where the tone is lighter, (H, W) in [0, 1]."""
    height, width = tone.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    unsteady = 0.1 * ops.field(rng, tone.shape, "cloud", 0.5)
    wave = np.cos(2 * np.pi * ((x + y) / (HATCH_PX * np.sqrt(2)) + unsteady + rng.random()))
    share = np.clip((tone - LIGHTS[0]) / (LIGHTS[1] - LIGHTS[0]), 0, 1)
    return np.clip(0.5 + (0.9 * wave + 2 * (1 + SOFT) * (share - 0.5)) / (2 * SOFT), 0, 1).astype(np.float32)
