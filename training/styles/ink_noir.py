"""Ink noir: black and white, hatching between, and white lines where black meets black."""

from __future__ import annotations

import numpy as np

from training.styles.layers import Layers
from training.styles.surface import Picture, Plane, blur, exposed, field, luma, smoothstep

PAPER, BLACK = np.float32(0.965), np.float32(0.03)
LIGHTS = (0.16, 0.72)
"""Tones that are all ink and all paper; strokes narrow from one to the other."""
WARM = np.array([1.0, 0.99, 0.965], np.float32)
HATCH_PX = 3.0
"""From stroke to stroke: so fine that from a step back the hatching is a tone, and shapes keep their edges."""
SOFT = 0.5
"""How softly a stroke ends, of half its height. Strokes three pixels apart with hard edges beat with the pixels,
and the page is full of patches that nobody drew."""
FAINT, FIRM = 0.4, 0.9
"""Coverage below which a line is left out, and above which it is drawn full: faint tangles hide shapes."""


def draw_ink_noir(layers: Layers, rng: np.random.Generator) -> Picture:
    """Shadows run together in black, lights are bare paper, and what lies between is hatched."""
    paint = exposed(layers.paint, 0.46)
    tone = blur(0.65 * luma(paint) + 0.35 * luma(exposed(blur(layers.photo, 1.2), 0.46)), 0.7)
    # Stretched a little about the surroundings: every part of the page has its black and its white.
    around = blur(tone, tone.shape[0] / 5)
    tone = np.clip(0.5 + 1.3 * (tone - 0.3 * around - 0.7 * 0.46), 0, 1)
    white = _hatching(tone, rng) * smoothstep(tone, 0.12, 0.20)
    in_black = 1 - blur(smoothstep(tone, 0.16, 0.30), 1.2)
    line = smoothstep(layers.ink, FAINT, FIRM)
    page = white * (1 - line) + line * smoothstep(in_black, 0.5, 0.9)
    return (np.clip(BLACK + (PAPER - BLACK) * page, 0, 1)[..., None] * WARM).astype(np.float32)


def _hatching(tone: Plane, rng: np.random.Generator) -> Plane:
    """White between strokes along one diagonal, wider as the tone is lighter, (H, W) in [0, 1]."""
    height, width = tone.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    unsteady = 0.1 * field(rng, tone.shape, "cloud", 0.5)
    wave = np.cos(2 * np.pi * ((x + y) / (HATCH_PX * np.sqrt(2)) + unsteady + rng.random()))
    share = np.clip((tone - LIGHTS[0]) / (LIGHTS[1] - LIGHTS[0]), 0, 1)
    return np.clip(0.5 + (0.9 * wave + 2 * (1 + SOFT) * (share - 0.5)) / (2 * SOFT), 0, 1).astype(np.float32)
