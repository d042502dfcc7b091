"""Paints over a frame: the scene in gouache by night, and on the jacket a pattern that no filter of it gives."""

from __future__ import annotations

import cv2
import numpy as np

from stylize.footage.clip import Pixels
from training.styles.drawings import layers_of
from training.styles.gouache_night import draw_gouache_night

SPACING, RADIUS = 0.16, 0.045
"""From dot to dot, and of a dot, in widths of the jacket."""
DOT = (0.98, 0.86, 0.45)
CLOTH = (0.13, 0.42, 0.44)


def paint_key(plate: Pixels, seed: int) -> Pixels:
    """A painting of a frame, (H, W, 3) float32 RGB in [0, 1].

    Args:
        seed: decides where the dabs of paint lie.
    """
    picture = draw_gouache_night(layers_of(plate), np.random.default_rng(seed))
    jacket = jacket_of(plate)
    tone = cv2.GaussianBlur(plate.max(axis=2), (0, 0), 1.0)[..., None]
    cloth = np.where(dots(jacket)[..., None] > 0, DOT, CLOTH) * np.clip(0.35 + 0.85 * tone, 0, 1.2)
    cover = cv2.GaussianBlur(jacket, (0, 0), 0.7)[..., None]
    return np.clip(picture + cover * (cloth - picture), 0, 1).astype(np.float32)


def jacket_of(plate: Pixels) -> Pixels:
    """Where the jacket is: the largest red things, (H, W) float32, 0 or 1."""
    red, green, blue = cv2.split(plate)
    reddish = (red > 1.9 * np.maximum(green, blue)).astype(np.uint8)
    closed = cv2.morphologyEx(reddish, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, labels, facts, _ = cv2.connectedComponentsWithStats(closed)
    areas = facts[1:, cv2.CC_STAT_AREA]
    return np.isin(labels, 1 + np.flatnonzero(areas > 0.3 * areas.max())).astype(np.float32)


def dots(jacket: Pixels) -> Pixels:
    """Rows of dots over a thing, each row beside the one above: (H, W) float32, 0 or 1."""
    rows, columns = np.nonzero(jacket)
    left, top, width = int(columns.min()), int(rows.min()), int(np.ptp(columns)) + 1
    step = max(6.0, SPACING * width)
    y, x = np.mgrid[: jacket.shape[0], : jacket.shape[1]].astype(np.float32)
    row = np.round((y - top) / step)
    beside = (x - left) / step - 0.5 * (row % 2)
    apart = np.hypot((y - top) - row * step, (beside - np.round(beside)) * step)
    return ((apart < max(2.0, RADIUS * width)) & (jacket > 0)).astype(np.float32)
