"""Sets a flow right by the two frames that it joins.

Block-wise searches smear motion over the edges of what moves, and chains of steps drift. Here every point tries
the motion of points nearby, as in PatchMatch (Barnes et al., SIGGRAPH 2009): beside a moving limb, one of them
moves as the background does. Then one step of least squares (Lucas and Kanade, IJCAI 1981) takes out what is
left below a pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import cos, pi, sin

import cv2
import numpy as np

from deflicker.arrays import Field, Plane, magnitude, slopes
from deflicker.confidence import likeness_cost
from deflicker.resize import REFERENCE_HEIGHT
from deflicker.warp import seen_along

PATCH = 1.0
"""Deviation of the Gaussian over which two frames are compared, in units: one px at a height of 288."""
WORST = 4.0
"""A pixel costs no more, so that one line out of place does not decide for its neighbourhood."""
BETTER = 0.1
"""By how much another motion must explain a point better, to be taken."""
GRAIN = 0.05
"""What grain alone makes a point cost more or less."""
SPECKLE = 5
"""Width in px of the median that takes out points that chose otherwise than those around them: where a
photograph is flat they choose by its noise, and a drawing carried along would show it."""
WINDOW = 3.0
"""Deviation of the Gaussian over which least squares are taken, in units."""
FLAT = 6.5
"""Mean squared slope, in 8-bit levels a pixel, below which the place of a window is hardly known."""
FARTHEST = 1.0
"""How far least squares move a point, in px."""

Guide = np.ndarray
"""A photographed frame: uint8 RGB, (height, width, 3)."""


class Anchor:
    """Sets flows from one frame right: precomputes what depends on that frame alone."""

    def __init__(self, here: Guide) -> None:
        self._here = here
        self._unit = here.shape[0] / REFERENCE_HEIGHT

    def propagate(self, there: Guide, flow: Field, radii: Sequence[float], directions: int) -> Field:
        """Each point's own motion, or that of a point so far away in one of the directions, if it fits better.

        Args:
            there: the frame that the flow leads to.
            flow: (height, width, 2) float32 px.
            radii: distances in units, tried in turn, each on the outcome of the one before.
        """
        least, flow = self._misfit(there, flow), flow.copy()
        for turn, radius in enumerate(radii):
            for direction in range(directions):
                angle = 2 * pi * (direction + turn / 2) / directions
                reach = radius * self._unit
                other = _shifted(flow, round(reach * cos(angle)), round(reach * sin(angle)))
                misfit = self._misfit(there, other)
                fits = (misfit < least - np.float32(BETTER)).view(np.uint8)
                cv2.copyTo(other, fits, flow)
                cv2.copyTo(misfit, fits, least)
        return cv2.merge([cv2.medianBlur(each, SPECKLE) for each in cv2.split(flow)])

    def prefer(self, there: Guide, flow: Field, other: Field) -> Field:
        """The flow, but `other` wherever that is another motion and explains what is seen as well, to within the
        photograph's grain. Below a pixel the flow is the finer of the two."""
        apart = magnitude(*cv2.split(cv2.subtract(flow, other))) > self._unit
        fits = apart & (self._misfit(there, other) < self._misfit(there, flow) + np.float32(GRAIN))
        chosen = flow.copy()
        cv2.copyTo(other, fits.view(np.uint8), chosen)
        return chosen

    def register(self, there: Guide, flow: Field) -> Field:
        """The flow after one step of least squares on the luma, each point weighted by how well it fits."""
        luma, across, down = self._slopes
        seen = seen_along(there, flow)
        weight = cv2.exp(likeness_cost(self._here, seen) * np.float32(-0.25))
        miss = cv2.subtract(cv2.cvtColor(seen, cv2.COLOR_RGB2GRAY).astype(np.float32), luma)

        def summed(values: Plane) -> Plane:
            return cv2.GaussianBlur(values, (0, 0), WINDOW * self._unit)

        x, y = cv2.multiply(weight, across), cv2.multiply(weight, down)
        xx, yy = summed(x * across) + np.float32(FLAT), summed(y * down) + np.float32(FLAT)
        xy, xt, yt = summed(x * down), summed(x * miss), summed(y * miss)
        scale = -1 / (xx * yy - xy * xy)
        moved = cv2.merge([(yy * xt - xy * yt) * scale, (xx * yt - xy * xt) * scale])
        return cv2.add(flow, np.clip(moved, -FARTHEST, FARTHEST))

    def _misfit(self, there: Guide, flow: Field) -> Plane:
        cost = np.minimum(likeness_cost(self._here, seen_along(there, flow)), np.float32(WORST))
        return cv2.GaussianBlur(cost, (0, 0), PATCH * self._unit)

    @cached_property
    def _slopes(self) -> tuple[Plane, Plane, Plane]:
        luma = cv2.cvtColor(self._here, cv2.COLOR_RGB2GRAY).astype(np.float32)
        return luma, *slopes(luma)


def _shifted(flow: Field, x: int, y: int) -> Field:
    """At each point the flow of the point (x, y) away; beyond the frame, of the border."""
    rows, columns = flow.shape[:2]
    x, y = (min(max(by, 1 - size), size - 1) for by, size in ((x, columns), (y, rows)))
    inside = flow[max(y, 0) : rows + min(y, 0), max(x, 0) : columns + min(x, 0)]
    beside = (max(-y, 0), max(y, 0), max(-x, 0), max(x, 0))
    return cv2.copyMakeBorder(inside, *beside, cv2.BORDER_REPLICATE)
