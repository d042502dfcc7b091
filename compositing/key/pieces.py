"""Pieces of a matte that are no subject: tracking marks, dust, seams."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from compositing.colour import premultiply
from compositing.matte import Keyed

FAINT, WHOLE, SOLID = 0.06, 0.9, 1 / 90


def solid_side(rows: int) -> int:
    """The side of the whole patch, px, that makes a piece of a matte of this height a subject's."""
    return max(3, round(SOLID * rows))


def without_marks(keyed: Keyed) -> Keyed:
    """The subject without what stands apart from it and has no solid middle: tracking marks, dust, seams.

    A piece of the matte is kept where a patch of it, `SOLID` of the picture's height wide, is whole.
    """
    alpha = keyed.alpha
    faint = (alpha > FAINT).astype(np.uint8)
    left, top, width, height = cv2.boundingRect(faint)
    box = slice(max(0, top - 1), top + height + 1), slice(max(0, left - 1), left + width + 1)
    side = solid_side(alpha.shape[0])
    # A thin bridge of noise joins marks to the subject: it is cut first, and the pieces grown back afterwards.
    opened = cv2.morphologyEx(faint[box], cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    whole = cv2.erode((alpha[box] > WHOLE).astype(np.uint8), np.ones((side, side), np.uint8))
    count, labels = cv2.connectedComponents(opened, connectivity=8)
    kept = np.zeros(count, np.uint8)
    kept[labels[whole > 0]] = 1
    kept[0] = 0
    mask = cv2.dilate(kept[labels], np.ones((3, 3), np.uint8)).astype(np.float32)
    matte, premult = np.zeros_like(alpha), np.zeros_like(keyed.premult)
    matte[box] = cv2.multiply(np.ascontiguousarray(alpha[box]), mask)
    premult[box] = premultiply(np.ascontiguousarray(keyed.premult[box]), mask)
    return replace(keyed, premult=premult, alpha=matte)
