"""The part of a frame that is worked on: where anything departs from the bare screen, and some screen around it."""

from __future__ import annotations

import cv2
import numpy as np

from compositing.colour import Image, Plane
from compositing.key.difference import Difference
from compositing.key.trimap import compared
from compositing.screen.clean import Window

MARGIN = 1 / 24
"""In heights: beyond the subject, what a trimap reads around a pixel."""
GRID = 16
"""A window's sides lie on this grid, px: what is worked out on smaller pictures then lies where it always does."""
SPECK, FAINT = 3, 0.15
"""Fewer coarse pixels than this are noise, where alpha is less than the second."""
SOLID = 0.2
"""Rough alpha that a solid thing has at least, all over."""


def find_window(
    frame: Image,
    screen: Image,
    difference: Difference,
    size: tuple[int, int],
    marked: Plane | None = None,
    solid_px: int = 0,
) -> Window:
    """The smallest window that holds all that is not the bare screen; the whole frame where nothing is.

    Args:
        frame, screen: the frame and its clean plate, scene-linear, small: `screen.plate.coarse`.
        size: (width, height) of the frame.
        marked: boolean, of the frame's size: what a person has marked as the subject.
        solid_px: pieces that hold no solid square of this side are passed over; 0 keeps all.
    """
    there = compared(frame, screen, difference)
    departs = (~there.bare).astype(np.uint8)
    count, labels, facts, _ = cv2.connectedComponentsWithStats(departs, connectivity=8)
    pixel = -(-size[1] // frame.shape[0])
    side = (solid_px - pixel + 1) // pixel  # whole coarse pixels that such a square covers, wherever it lies
    if side > 0:
        solid = cv2.erode((there.rough > SOLID).astype(np.uint8), np.ones((side, side), np.uint8))
        kept = np.zeros(count, bool)
        kept[labels[solid > 0]] = True
    else:
        kept = facts[:, cv2.CC_STAT_AREA] >= SPECK
        kept[labels[there.rough > FAINT]] = True
    kept[0] = False
    mask = kept[labels].astype(np.uint8)
    if marked is not None:
        mask |= cv2.resize(marked.astype(np.uint8), mask.shape[::-1], interpolation=cv2.INTER_AREA)
    left, top, width, height = cv2.boundingRect(mask)
    if not count or not width:
        return slice(0, size[1]), slice(0, size[0])
    margin = MARGIN * size[1]
    across, down = size[0] / mask.shape[1], size[1] / mask.shape[0]
    return (
        _side(top * down - margin, (top + height) * down + margin, size[1]),
        _side(left * across - margin, (left + width) * across + margin, size[0]),
    )


def _side(first: float, last: float, most: int) -> slice:
    return slice(max(0, int(first // GRID) * GRID), min(most, -int(-last // GRID) * GRID))
