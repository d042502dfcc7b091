"""Ink: outlines wherever one visible surface ends at another, thicker in shadow, tapering, anti-aliased."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from training.base.attributes import LINES

from . import noise
from .canvas import Canvas

WIDTH_PX = {"thin": 0.9, "medium": 1.6, "thick": 2.6}
"""Mean full width of an outline of weight 1, in px of the finished picture."""


def outlines(canvas: Canvas, widths: Sequence[float], presence: np.ndarray) -> list[np.ndarray]:
    """Coverage of the outlines, (S, S) in [0, 1], for each of the full widths for weight 1, in canvas px;
    `presence` is a factor for each layer.

    A boundary belongs to the layer in front; a pixel's line is that of the nearest boundary pixel.
    """
    size = canvas.size
    weights = np.asarray(canvas.lines, np.float32) * presence
    groups = np.asarray(canvas.groups)
    edge = np.zeros((size, size), np.float32)
    for a, b, place in (
        (canvas.ids[:, :-1], canvas.ids[:, 1:], edge[:, :-1]),
        (canvas.ids[:-1], canvas.ids[1:], edge[:-1]),
    ):
        rows, columns = np.nonzero(a != b)
        one, other = a[rows, columns], b[rows, columns]
        same = (groups[one] == groups[other]) & (groups[one] > 0)
        weight = np.where(same, 0, weights[np.maximum(one, other)])
        place[rows, columns] = np.maximum(place[rows, columns], weight)
    drawn = edge > 0
    if not drawn.any():
        return [np.zeros((size, size), np.float32) for _ in widths]
    distance, labels = cv2.distanceTransformWithLabels(
        (~drawn).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    offset = (float(canvas.rng.random()), float(canvas.rng.random()))
    pressure = noise.sample("smooth", size, size, offset, 0.6)[drawn]
    shade = 1 - cv2.blur(canvas.lit_drawn, (9, 9))[drawn]
    table = np.zeros(int(labels.max()) + 1, np.float32)
    table[labels[drawn]] = edge[drawn] * np.clip(0.85 + 0.45 * shade + 0.18 * pressure, 0.35, 1.6)
    half = table[labels] / 2
    return [np.clip(width * half - distance + 0.5, 0, 1) for width in widths]


def ink_map(canvas: Canvas, bokeh: float) -> np.ndarray:
    """Outlines and the strokes inside surfaces together, thin, medium and thick, at half the canvas's size:
    (S/2, S/2, 3) in [0, 1].

    What the lens throws far out of focus (`bokeh`, px) cannot be outlined: its lines fade.
    """
    blurred = np.clip(1.6 * np.asarray(canvas.depths, np.float32), 0, 1) * max(0.0, bokeh - 1.2)
    presence = np.clip(1.15 - 0.6 * blurred, 0, 1)
    strokes = canvas.strokes * presence[canvas.ids]
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    inside = (0.8 * strokes, strokes, cv2.dilate(strokes, cross))
    around = outlines(canvas, [2 * WIDTH_PX[weight] for weight in LINES], presence)
    half = (canvas.size // 2, canvas.size // 2)
    both = [np.maximum(*each) for each in zip(around, inside, strict=True)]
    return cv2.resize(cv2.merge(both), half, interpolation=cv2.INTER_AREA)
