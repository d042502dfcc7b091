"""Light and shade of a surface as two or three flat tones."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

REACH_PX, APART = 30.0, 0.1
"""How far a surface reaches, and the step in `LAB_UNIT` that ends it."""
LAB_UNIT = np.array([100.0, 60.0, 60.0], np.float32)
FLAT, SHADED = 0.6, 2.1
"""Mean deviation of the lightness below which a surface has no shade, and above which it has all of it."""
HARD = 4.0
"""Steepness of the step from light to shade."""
STEPS = {2: (0.0,), 3: (-0.7, 0.7)}
"""Where one tone passes into the next, in mean deviations from the mean."""
FURTHEST = {2: 1.0, 3: 1.4}
"""How many mean deviations from the mean the outer tones lie, for two tones and for three."""
DEEPER = 1.15
"""Tones are drawn a little further apart than they are."""


def lay_tones(smooth: NDArray[np.float32], *counts: int) -> list[NDArray[np.float32]]:
    """Draws every surface in flat tones: its own mean lightness, and steps to the light and the dark side of it.

    What is light and what is dark is told against the mean of the surface around, so a gradient over a sky stays
    a gradient, and a white shirt has its shade as well as a black one. Every value hangs on its neighbourhood
    alone: moved footage gives the same drawing, moved.

    Args:
        smooth: (H, W, 3) float32 RGB in [0, 1], with few edges.
        counts: how many tones, two or three; for several the means are taken once.

    Returns:
        For every count a picture, (H, W, 3) float32 RGB in [0, 1].
    """
    lab = np.asarray(cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB), np.float32)
    surface = Surface(lab / LAB_UNIT, REACH_PX, APART)
    mean = surface.mean(lab[..., :1])
    side = lab[..., :1] - mean
    spread = surface.mean(np.abs(side))
    x = side / np.maximum(spread, 1.0)
    reach = DEEPER * spread * np.clip((spread - FLAT) / (SHADED - FLAT), 0, 1)
    laid = []
    for count in counts:
        level = FURTHEST[count] * np.mean([np.tanh(HARD * (x - step)) for step in STEPS[count]], axis=0)
        lightness = (mean + level * reach).astype(np.float32)
        laid.append(cv2.cvtColor(np.dstack([lightness, lab[..., 1:]]), cv2.COLOR_LAB2RGB).clip(0, 1))
    return laid


class Surface:
    """Means over the surface that each pixel belongs to: they do not cross edges of the guide.

    Source: Gastal and Oliveira, "Domain Transform for Edge-Aware Image and Video Processing", SIGGRAPH 2011
    (recursive filtering, three rounds).
    """

    ROUNDS = 3

    def __init__(self, guide: NDArray[np.float32], reach_px: float, apart: float) -> None:
        """`guide` (H, W, C): a change of `apart`, summed over the channels, is as far as `reach_px`."""
        across = np.abs(np.diff(guide, axis=1)).sum(axis=2)
        down = np.abs(np.diff(guide, axis=0)).sum(axis=2)
        self.reach = reach_px
        self.across = (1 + reach_px / apart * across).T[..., None]
        self.down = (1 + reach_px / apart * down)[..., None]

    def mean(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """(H, W, C) float32, averaged over surfaces."""
        out = values.astype(np.float32).copy()
        for number in range(self.ROUNDS):
            sigma = self.reach * 3**0.5 * 2 ** (self.ROUNDS - number - 1) / (4**self.ROUNDS - 1) ** 0.5
            feedback = np.float32(np.exp(-(2**0.5) / sigma))
            out = np.ascontiguousarray(out.transpose(1, 0, 2))
            _along(out, feedback**self.across)
            out = np.ascontiguousarray(out.transpose(1, 0, 2))
            _along(out, feedback**self.down)
        return out


def _along(values: Plane, feedback: Plane) -> None:
    """The recursion down the first axis and back up, in place."""
    for row in range(1, len(values)):
        values[row] += feedback[row - 1] * (values[row - 1] - values[row])
    for row in range(len(values) - 2, -1, -1):
        values[row] += feedback[row] * (values[row + 1] - values[row])
