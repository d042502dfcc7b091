"""Manga: ink on white paper, solid blacks, and two greys for the sheets of dots that are laid in."""

from __future__ import annotations

import numpy as np

from training.styles import picture_ops as ops
from training.styles.picture_ops import Picture, Plane
from training.styles.scene_layers import SceneLayers

PAPER, LIGHT, DARK, BLACK = 0.97, 0.60, 0.34, 0.04
"""Tones of the page. The dots themselves are printed by the style's finish, at the size of the film."""
STEPS = ((0.17, BLACK, DARK), (0.36, DARK, LIGHT), (0.58, LIGHT, PAPER))
"""Tones of the scene at which one tone of the page passes into the next."""
SOFT = 0.03
"""Half of what a step takes, in tones of the scene, for anti-aliasing."""
FAINT, FIRM = 0.3, 0.75
"""Coverage below which a line is left out, and above which it is fully black."""


def draw_manga(layers: SceneLayers, rng: np.random.Generator) -> Picture:
    """Lights are bare paper, shade is one of two greys, the dark is solid; white lines part black from black."""
    tone = ops.blur(ops.luma(ops.exposed(layers.paint, 0.62)), 0.8)
    # More contrast against the surroundings, so that every part of the page has paper and ink.
    around = ops.blur(tone, tone.shape[0] / 5)
    tone = np.clip(0.5 + 1.35 * (tone - 0.35 * around - 0.65 * 0.56), 0, 1).astype(np.float32)
    page = _toned(tone)
    line = ops.smoothstep(layers.ink, FAINT, FIRM)
    in_black = 1 - ops.blur(ops.smoothstep(tone, 0.14, 0.22), 1.2)
    ink = np.where(in_black > 0.5, PAPER, BLACK).astype(np.float32)
    return np.repeat((page + (ink - page) * line)[..., None], 3, axis=2).astype(np.float32)


def _toned(tone: Plane) -> Plane:
    """The tone in four flat ones, (H, W) in [0, 1]."""
    page = np.full_like(tone, BLACK)
    for at, below, above in STEPS:
        page += np.float32(above - below) * ops.smoothstep(tone, at - SOFT, at + SOFT)
    return page
