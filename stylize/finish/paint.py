"""What paint has on a cel and a drawing may lack: flats that are flat, lines that are dark, full colour."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from stylize.footage.clip import Pixels

Colour = tuple[float, float, float]
BLACK: Colour = (0.0, 0.0, 0.0)
FLATTENED_PX = (7, 5)
"""Widths of the two filters that even out flats."""


def flatten(drawn: Pixels, amount: float) -> Pixels:
    """Evens out areas that are nearly flat and leaves every edge.

    Source: Tomasi and Manduchi, "Bilateral Filtering", ICCV 1998, run twice with a narrow range: what the first
    has evened out needs fewer neighbours the second time.
    """
    if amount == 0:
        return drawn
    even = drawn
    for width_px in FLATTENED_PX:
        even = np.asarray(cv2.bilateralFilter(even, width_px, 0.06, 3.0), np.float32)
    return np.asarray(cv2.addWeighted(even, amount, drawn, 1 - amount, 0), np.float32)


def deepen_lines(drawn: Pixels, amount: float, colour: Colour = BLACK) -> Pixels:
    """Darkens what is a thin dark line: what a morphological closing would fill in (black top-hat)."""
    if amount == 0:
        return drawn
    grey = cv2.cvtColor(drawn, cv2.COLOR_RGB2GRAY)
    window = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    depth = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, window) - grey
    return inked(drawn, amount * np.clip(depth * 4, 0, 1), colour)


def inked(drawn: Pixels, coverage: NDArray[np.float32], colour: Colour = BLACK) -> Pixels:
    """The drawing under ink that covers each pixel by a share of 0 to 1, (height, width).

    Black ink of half a coverage is a darker shade of the paint, and keeps its hue; another colour is mixed in.
    """
    shown = np.asarray(cv2.multiply(drawn, cv2.merge([1 - coverage] * 3)), np.float32)
    if colour == BLACK:
        return shown
    return np.asarray(cv2.add(shown, cv2.merge([coverage * np.float32(part) for part in colour])), np.float32)


def saturate(drawn: Pixels, amount: float) -> Pixels:
    """Scales colour about its grey (BT.601 luma); 1 leaves it."""
    if amount == 1:
        return drawn
    grey = cv2.merge([cv2.cvtColor(drawn, cv2.COLOR_RGB2GRAY)] * 3)
    colour = np.asarray(cv2.subtract(drawn, grey), np.float32)
    np.multiply(colour, np.float32(amount), out=colour)
    return np.clip(cv2.add(grey, colour, dst=colour), 0, 1, out=colour)
