"""Line weight measured and matched: a backdrop drawn at another size has another pen."""

from __future__ import annotations

import cv2
import numpy as np

from compositing.colour import Image, Plane

WIDEST = 0.008
"""Dark strokes wider than this are areas, not lines: in picture heights."""
DARKER = 0.10
"""How much darker than its surroundings a line is, display-referred."""


def line_marks(picture: Image) -> Plane:
    """How much each pixel is a dark line on something lighter: a closing's gain (black top-hat), (H, W)."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    side = 2 * max(1, round(WIDEST * grey.shape[0])) + 1
    round_ = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return np.clip(cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, round_), 0, 1)


def line_weight(picture: Image, where: Plane | None = None) -> float:
    """The mean width of the dark lines, px; 0 where there are too few to tell.

    A stroke's area over half of its outline's length; the area counts its grey edges in part, so fractions of a
    pixel are told apart.

    Args:
        picture: (H, W, 3) float32 in [0, 1], display-referred.
        where: (H, W) float32; only lines where it is above one half count.
    """
    marks = line_marks(picture)
    if where is not None:
        marks = marks * (where > 0.5)
    strong = (marks > DARKER).astype(np.uint8)
    outlines, _ = cv2.findContours(strong, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    length = sum(cv2.arcLength(outline, True) for outline in outlines) / 2
    if length < 0.5 * min(picture.shape[:2]):
        return 0.0
    depth = cv2.dilate(marks, np.ones((5, 5), np.uint8))
    area = float((marks / np.maximum(depth, DARKER))[cv2.dilate(strong, np.ones((3, 3), np.uint8)) > 0].sum())
    return area / length


def match_lines(picture: Image, own_px: float, wanted_px: float, most_px: float = 3.0) -> Image:
    """The picture with its dark lines made heavier or lighter, by at most `most_px`.

    Heavier: each line's darkness spreads (erosion of the grey values, at lines alone); lighter: the paint beside
    it does. Fractions of a pixel are a mix of two whole steps.

    Args:
        picture: (H, W, 3) float32 in [0, 1], display-referred.
        own_px, wanted_px: line weights; nothing happens where either is 0.
    """
    if own_px <= 0 or wanted_px <= 0:
        return picture
    change = float(np.clip(wanted_px - own_px, -most_px, most_px)) / 2
    radius = abs(change)
    if radius < 0.05:
        return picture
    reach = int(np.ceil(radius))
    side = 2 * (reach + max(1, round(WIDEST * picture.shape[0] / 2))) + 1
    lines = cv2.dilate(line_marks(picture), np.ones((side, side), np.uint8))
    mix = np.clip((lines - np.float32(DARKER / 2)) / np.float32(DARKER), 0, 1)
    mix = cv2.GaussianBlur(mix, (0, 0), max(1.0, radius))
    step = cv2.erode if change > 0 else cv2.dilate
    inner, outer = picture, picture
    for size in range(1, reach + 1):
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * size + 1, 2 * size + 1))
        inner, outer = outer, step(picture, disc)
    part = np.float32(radius - (reach - 1))
    moved = cv2.addWeighted(outer, float(part), inner, float(1 - part), 0)
    weight = cv2.merge([mix] * 3)
    return cv2.add(cv2.multiply(moved, weight), cv2.multiply(picture, 1 - weight))
