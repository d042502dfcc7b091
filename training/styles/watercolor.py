"""Watercolour: thin pigment on rough paper, darker where a wash dried at its edge."""

from __future__ import annotations

import cv2
import numpy as np

from training.styles import picture_ops as ops
from training.styles.picture_ops import Picture, Plane
from training.styles.scene_layers import SceneLayers

PAPER = np.array([0.975, 0.962, 0.925], np.float32)
PENCIL = (0.36, 0.30, 0.30)


def draw_watercolor(layers: SceneLayers, rng: np.random.Generator) -> Picture:
    """The scene's paint as washes: densities of pigment on paper, whose light follows Beer's law.

    Source of the effects: Bousseau et al., "Interactive Watercolor Rendering with Temporal Coherence and
    Abstraction", NPAR 2006.
    """
    paint = ops.displaced(ops.saturated(ops.exposed(layers.paint, 0.66), 1.3), rng, 0.9, 0.35)
    wash = np.asarray(cv2.bilateralFilter(paint, 7, 0.12, 3.0), np.float32)
    density = -np.log(np.clip(wash * 0.93 + 0.06, 0.03, 1))
    height = paper(rng, paint.shape)
    pooled = 1 + 0.08 * ops.field(rng, paint.shape, "smooth", 0.5) + 0.07 * height + 2.6 * _edges(wash)
    density *= np.clip(0.62 * pooled, 0.1, 1.8)[..., None]
    dry = ops.smoothstep(ops.luma(wash) + 0.008 * height, 0.90, 1.04)  # highlights are left unpainted
    density *= (1 - 0.85 * dry)[..., None]
    page = PAPER * np.exp(-density) * (1 + 0.012 * height)[..., None]
    pencil = ops.smoothstep(layers.ink, 0.2, 0.8) * np.clip(0.60 + 0.35 * height, 0.2, 0.9)
    return np.clip(ops.mixed(page, PENCIL, 0.5 * pencil), 0, 1).astype(np.float32)


def paper(rng: np.random.Generator, shape: tuple[int, ...]) -> Plane:
    """Height of cold-pressed paper, (H, W), mean 0, std about 1: what pigment settles in."""
    rough = ops.field(rng, shape, "grit", 0.9) + 0.6 * ops.field(rng, shape, "concrete", 0.6)
    return (rough / rough.std()).astype(np.float32)


def _edges(wash: Picture) -> Plane:
    """Where pigment gathers as a wash dries: along its edges, on the darker side, (H, W) in [0, 0.45]."""
    light = ops.luma(wash)
    return np.clip(6.0 * (ops.blur(light, 2.4) - light - 0.01), 0, 0.45).astype(np.float32)
