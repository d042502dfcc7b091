"""Soft shading becomes what a cel has: clean tones with an edge between them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from deflicker.arrays import Field, Plane, magnitude, slopes
from deflicker.warp import resize_flow, warp
from stylize.footage.clip import Pixels

SHORT_SIDE = 384
"""All lengths are in units: one pixel where the picture's short side has so many."""
SOFT = 3.0
"""Shading is looked at through a Gaussian of this deviation, so that an edge between tones runs smoothly."""
REACH, ROUNDS, PULL = 8.0, 4, 1.5
"""How far a pixel's paint is fetched from at most in each of the rounds, and how quickly that is reached."""
FLATTEST, PLAIN = 1.0, 1.8
"""Levels of 255 a unit: shading that is slower than the first, as of a sky, stays a gradient; from the second on it
gets an edge."""
EDGE, LINE = 5.0, 12.0
"""Levels of 255 a unit: what changes faster is an edge or a line already, and is left alone."""
BESIDE = 4.0
"""So are so many units around it."""
LEAST = 0.4
"""Levels of 255 a unit: differences of slope below it are grain."""


def step_tones(drawn: Pixels, amount: float) -> Pixels:
    """Gathers soft shading into tones: a pixel takes its paint from farther off where light turns to shade.

    The way leads down the strength of the luma's slope, which is greatest in the middle of the shading. No colour
    is made that was not there, the edge follows the shading smoothly, and lines stay where they are.

    Source: Arad and Gotsman, "Enhancement by Image-Dependent Warping", IEEE Transactions on Image Processing 8(8),
    1999, here for shading alone and in several rounds.

    Args:
        drawn: (h, w, 3) float32 RGB in [0, 1].
        amount: of `REACH`, in [0, 1].
    """
    if amount == 0:
        return drawn
    height, width = drawn.shape[:2]
    luma = np.asarray(cv2.cvtColor(drawn, cv2.COLOR_RGB2GRAY), np.float32) * np.float32(255)
    unit = min(height, width) / SHORT_SIDE
    size = (
        max(1, round(width / 2)),
        max(1, round(height / 2)),
    )  # the way changes slowly: half of the size will do
    small = cv2.resize(luma, size, interpolation=cv2.INTER_AREA)
    shading = _away_from_edges(luma, unit, size)
    flow = _towards_flats(small, shading, unit / 2, amount)
    return np.asarray(warp(drawn, resize_flow(flow, height, width), smooth=False), np.float32)


def _towards_flats(luma: Plane, shading: Plane, unit: float, amount: float) -> Field:
    """Where each pixel takes its paint from, (rows, columns, 2) px from its own place."""
    found, seen = np.zeros((*luma.shape, 2), np.float32), luma
    reach = shading
    for turn in range(ROUNDS):
        slope = np.minimum(
            _blurred(_steepness(_blurred(seen, SOFT * unit)) * np.float32(unit), SOFT * unit), EDGE
        )
        if turn == 0:
            plain = _between(FLATTEST, PLAIN, cv2.dilate(slope, _disc(2 * BESIDE * unit)))
            reach = _blurred(shading * plain, 2 * unit) * np.float32(REACH * unit * amount)
        across, down = slopes(slope)
        pull = np.float32(PULL * SOFT * unit) / (slope + np.float32(LEAST))
        length = reach * pull / np.sqrt(1 + (across * across + down * down) * pull * pull)
        step = cv2.merge([across * -length, down * -length])
        found = cv2.add(warp(found, step, smooth=False), step)
        seen = warp(luma, found, smooth=False)
    return found


def _away_from_edges(luma: Plane, unit: float, size: tuple[int, int]) -> Plane:
    """1 where the picture is shaded softly, 0 at lines and edges and beside them; at another size."""
    near = cv2.dilate(_steepness(luma) * np.float32(unit), _disc(BESIDE * unit))
    return 1 - _between(EDGE, LINE, cv2.resize(near, size, interpolation=cv2.INTER_AREA))


def _between(low: float, high: float, values: Plane) -> Plane:
    """0 below `low`, 1 above `high`, and smoothly between."""
    share = np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def _steepness(plane: Plane) -> Plane:
    return magnitude(*slopes(plane))


def _blurred(plane: Plane, sigma: float) -> Plane:
    return cv2.GaussianBlur(plane, (0, 0), sigma)


def _disc(radius: float) -> NDArray[np.uint8]:
    side = 2 * round(radius) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)
