"""Gouache night: opaque dabs of blue and violet, and lamps that burn in amber."""

from __future__ import annotations

import cv2
import numpy as np

from stylize.finish.ink import edge_tangent
from training.styles.layers import Layers
from training.styles.surface import (
    Picture,
    Plane,
    blur,
    exposed,
    field,
    luma,
    mixed,
    saturated,
    smoothstep,
    tinted,
)

NIGHT = (
    (0.0, (0.04, 0.03, 0.12)),
    (0.30, (0.10, 0.14, 0.37)),
    (0.55, (0.15, 0.36, 0.60)),
    (0.70, (0.38, 0.48, 0.70)),
    (0.90, (0.93, 0.68, 0.40)),
    (1.0, (1.0, 0.93, 0.66)),
)
"""From the darkest tone to the lightest: moonlit blues, then lamplight."""
LAYERS_PX = ((9.0, 3.6), (5.0, 2.0))
"""Half-length and half-width of the dabs, a coarse layer and a fine one."""


def draw_gouache_night(layers: Layers, rng: np.random.Generator) -> Picture:
    """The scene graded to night and laid on in dabs along its edges; shapes end where the paint changes."""
    paint = exposed(0.75 * layers.paint + 0.25 * blur(layers.photo, 0.8), 0.5)
    tone = _stretched(luma(paint))
    night = tinted(tone, NIGHT)
    own = saturated(paint, 1.2) * np.array([0.55, 0.60, 0.85], np.float32)
    graded = np.clip(mixed(night, own, 0.28), 0, 1)
    page = blur(graded, 3.0)
    tangent = edge_tangent(tone, 3.0)
    for length, width in LAYERS_PX:
        page = _dab(page, graded, tangent, length, width, rng)
    deep = smoothstep(layers.ink, 0.3, 0.9) * 0.7
    page = mixed(page, (0.03, 0.03, 0.10), deep)
    return np.clip(page * (1 + 0.008 * field(rng, page.shape, "weave", 0.5))[..., None], 0, 1).astype(
        np.float32
    )


def _stretched(tone: Plane) -> Plane:
    """From the deepest shadow to the brightest lamp, whatever the scene's own range."""
    dark, light = np.percentile(tone, (2, 99))
    return np.clip((tone - dark) / max(float(light - dark), 0.2), 0, 1).astype(np.float32)


def _dab(
    page: Picture,
    colours: Picture,
    tangent: np.ndarray,
    length: float,
    width: float,
    rng: np.random.Generator,
) -> Picture:
    """Lays dabs of the picture's colours over the page, along the edges, each a touch lighter or darker.

    Source: Hertzmann, "Painterly Rendering with Curved Brush Strokes of Multiple Sizes", SIGGRAPH 1998.
    """
    rows, columns = page.shape[:2]
    canvas = np.ascontiguousarray(page)
    smooth = blur(colours, width * 0.45)
    spacing = width * 1.25
    count = int(rows * columns / spacing**2)
    where = rng.random((count, 2)) * (rows, columns)
    for y, x in where:
        row, column = int(y), int(x)
        along = tangent[row, column]
        angle = float(np.degrees(np.arctan2(along[1], along[0]))) + float(rng.normal(0, 12))
        colour = smooth[row, column] * (1 + float(rng.normal(0, 0.012)))
        reach = (float(length * rng.uniform(0.6, 1.1)), float(width * rng.uniform(0.7, 1.1)))
        cv2.ellipse(canvas, ((x, y), (2 * reach[0], 2 * reach[1]), angle), colour.tolist(), -1, cv2.LINE_AA)
    return _kept_inside(canvas, page, colours)


def _kept_inside(dabbed: Picture, page: Picture, colours: Picture) -> Picture:
    """A painter wipes off a dab that runs far over a shape's edge."""
    off = np.abs(dabbed - colours).max(axis=-1)
    over = smoothstep(blur(off, 0.8), 0.06, 0.13)
    return mixed(dabbed, colours, over)
