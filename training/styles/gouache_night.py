"""Gouache night: opaque dabs of blue and violet, and amber lamps."""

from __future__ import annotations

import cv2
import numpy as np

from stylize.finish.ink import edge_tangent
from training.styles import picture_ops as ops
from training.styles.picture_ops import Picture, Plane
from training.styles.scene_layers import SceneLayers

NIGHT = (
    (0.0, (0.04, 0.03, 0.12)),
    (0.30, (0.10, 0.14, 0.37)),
    (0.55, (0.15, 0.36, 0.60)),
    (0.70, (0.38, 0.48, 0.70)),
    (0.90, (0.93, 0.68, 0.40)),
    (1.0, (1.0, 0.93, 0.66)),
)
"""Colours by tone, from the darkest to the lightest: blues of the moonlight, then amber of the lamps."""
LAYERS_PX = ((9.0, 3.6), (5.0, 2.0))
"""Half-length and half-width of the dabs of two layers of paint, a coarse one and a fine one."""


def draw_gouache_night(layers: SceneLayers, rng: np.random.Generator) -> Picture:
    """The scene graded to night and painted in dabs along its edges; dabs end at the edges of shapes."""
    paint = ops.exposed(0.75 * layers.paint + 0.25 * ops.blur(layers.photo, 0.8), 0.5)
    tone = _stretched(ops.luma(paint))
    night = ops.tinted(tone, NIGHT)
    own = ops.saturated(paint, 1.2) * np.array([0.55, 0.60, 0.85], np.float32)
    graded = np.clip(ops.mixed(night, own, 0.28), 0, 1)
    page = ops.blur(graded, 3.0)
    tangent = np.stack(edge_tangent(tone, 3.0), axis=-1)
    for length, width in LAYERS_PX:
        page = _dab(page, graded, tangent, length, width, rng)
    deep = ops.smoothstep(layers.ink, 0.3, 0.9) * 0.7
    page = ops.mixed(page, (0.03, 0.03, 0.10), deep)
    canvas = 1 + 0.008 * ops.field(rng, page.shape, "weave", 0.5)
    return np.clip(page * canvas[..., None], 0, 1).astype(np.float32)


def _stretched(tone: Plane) -> Plane:
    """The tone stretched to the whole range, whatever the scene's own range is."""
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
    """Paints dabs of the picture's colours over the page, along the edges, each a little lighter or darker.

    Source: Hertzmann, "Painterly Rendering with Curved Brush Strokes of Multiple Sizes", SIGGRAPH 1998.
    """
    rows, columns = page.shape[:2]
    canvas = np.ascontiguousarray(page)
    smooth = ops.blur(colours, width * 0.45)
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
    return _within_shapes(canvas, colours)


def _within_shapes(dabbed: Picture, colours: Picture) -> Picture:
    """The dabs, but the picture itself where they run over a shape's edge and differ from it."""
    off = np.abs(dabbed - colours).max(axis=-1)
    over = ops.smoothstep(ops.blur(off, 0.8), 0.06, 0.13)
    return ops.mixed(dabbed, colours, over)
