"""Divides the light and shade of each surface into two or three flat tones."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from stylize.finish.ink import edge_tangent, mean_along

Plane = NDArray[np.float32]

REACH_PX, EDGE_STEP = 40.0, 0.1
"""Over how many pixels means are taken, and the step in `LAB_UNIT` that counts as much as that distance."""
LAB_UNIT = np.array([150.0, 45.0, 45.0], np.float32)
FLAT, SHADED = 0.7, 1.7
"""Mean deviation of the lightness below which a surface is drawn in one tone, and above which in full contrast."""
LEAST_REACH = 4.0
"""How far the tones of a shaded surface lie from its mean at least, in units of lightness."""
MOST_MOVED = 11.0
"""How far a tone may lie from the lightness it stands for: where a mean leaks over a faint edge, the edge stays."""
STEEPNESS = 9.0
"""Of the step from light to shade."""
CONTOUR_PX = 1.6
"""Across the flow of the picture, the light is smoothed by this before it is divided: contours become clean."""
FLOW_PX, STRIDE_PX = 9.0, 1.5
"""How far it is averaged along the flow, both ways, and from one point on a line to the next."""
STEPS = {2: (0.0,), 3: (-0.7, 0.7)}
"""Where one tone passes into the next, in mean deviations from the mean."""
OUTER = {2: 1.0, 3: 1.4}
"""How many mean deviations from the mean the outer tones lie, for two tones and for three."""
EXAGGERATION = 1.3
"""Tones are drawn this much further apart than they are."""


def flat_tones(smooth: NDArray[np.float32], *counts: int) -> list[NDArray[np.float32]]:
    """Every surface in flat tones, lighter and darker than its own mean lightness.

    Light and dark are measured against the mean of the surface around a pixel. So a gradient over a sky stays a
    gradient, and a white shirt has shade as a black one has. Every value depends on its neighbourhood alone: moved
    footage gives the same drawing, moved.

    Args:
        smooth: (H, W, 3) float32 RGB in [0, 1], with few edges.
        counts: how many tones, two or three; the means are computed once for all counts.

    Returns:
        For every count a picture, (H, W, 3) float32 RGB in [0, 1].
    """
    lab = np.asarray(cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB), np.float32)
    surfaces = EdgeAwareMean(lab / LAB_UNIT, REACH_PX, EDGE_STEP)
    mean = surfaces.mean(lab[..., :1])
    side = lab[..., :1] - mean
    spread = surfaces.mean(np.abs(side))
    tangent = edge_tangent(np.asarray(lab[..., 0] / 100, np.float32))
    flowing = mean_along(np.ascontiguousarray(side[..., 0], np.float32), tangent, FLOW_PX, STRIDE_PX)
    x = cv2.GaussianBlur(flowing, (0, 0), CONTOUR_PX)[..., None] / np.maximum(spread, 1.0)
    reach = np.maximum(EXAGGERATION * spread, LEAST_REACH) * np.clip((spread - FLAT) / (SHADED - FLAT), 0, 1)
    pictures = []
    for count in counts:
        level = OUTER[count] * np.mean([np.tanh(STEEPNESS * (x - step)) for step in STEPS[count]], axis=0)
        lightness = np.clip(mean + level * reach, lab[..., :1] - MOST_MOVED, lab[..., :1] + MOST_MOVED)
        flat = np.dstack([lightness.astype(np.float32), lab[..., 1:]])
        pictures.append(cv2.cvtColor(flat, cv2.COLOR_LAB2RGB).clip(0, 1))
    return pictures


class EdgeAwareMean:
    """Means around each pixel that do not cross the edges of a guide picture: means over the surface it belongs to.

    Source: Gastal and Oliveira, "Domain Transform for Edge-Aware Image and Video Processing", SIGGRAPH 2011
    (recursive filtering, three rounds).
    """

    ROUNDS = 3

    def __init__(self, guide: NDArray[np.float32], reach_px: float, edge_step: float) -> None:
        """`guide` (H, W, C): a change of `edge_step`, summed over the channels, counts as a distance of
        `reach_px`."""
        across = np.abs(np.diff(guide, axis=1)).sum(axis=2)
        down = np.abs(np.diff(guide, axis=0)).sum(axis=2)
        self.reach = reach_px
        self.across = (1 + reach_px / edge_step * across).T[..., None]
        self.down = (1 + reach_px / edge_step * down)[..., None]

    def mean(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """(H, W, C) float32, averaged over surfaces."""
        out = values.astype(np.float32).copy()
        for number in range(self.ROUNDS):
            sigma = self.reach * 3**0.5 * 2 ** (self.ROUNDS - number - 1) / (4**self.ROUNDS - 1) ** 0.5
            feedback = np.float32(np.exp(-(2**0.5) / sigma))
            out = np.ascontiguousarray(out.transpose(1, 0, 2))
            _filter_rows(out, feedback**self.across)
            out = np.ascontiguousarray(out.transpose(1, 0, 2))
            _filter_rows(out, feedback**self.down)
        return out


def _filter_rows(values: Plane, feedback: Plane) -> None:
    """The recursive filter along the first axis, forwards and then backwards, in place."""
    for row in range(1, len(values)):
        values[row] += feedback[row - 1] * (values[row - 1] - values[row])
    for row in range(len(values) - 2, -1, -1):
        values[row] += feedback[row] * (values[row + 1] - values[row])
