"""The points of a frame, followed over many others: lost where something hides them, and found again.

A chain of steps alone (see track.py) drifts, and once a moving limb has hidden a point of the background, the chain
follows the limb. A trail instead goes on at the point's last speed while it is hidden, and compares every frame
with the first until the point is seen again. Every few frames all points are anchored to the frame that they came
from.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from deflicker.anchor import PATCH, Anchor, Guide
from deflicker.arrays import Field, Plane, set_where, widen
from deflicker.confidence import OUTSIDE, likeness_cost, outside
from deflicker.resize import REFERENCE_HEIGHT
from deflicker.track import Track, parted
from deflicker.warp import seen_along, warp

ANCHORED = 4
"""Every so many frames, on a trail that goes on beyond: shorter ones drift by nothing to speak of."""
RADII, DIRECTIONS = (8.0, 4.0), 4
"""Where other motions are tried then, in px at a height of 288."""
NOISE = 1.0
"""What a step may cost for nothing: the search's own noise must not add up over a long way."""
HIDDEN = 2.5
"""From this cost on a step leads nowhere: the point is hidden at its end."""
GONE, BACK = 2.5, 1.5
"""Unlikeness over a patch, as the cost of it, from which on a point is lost, and below which it is found."""


class Trail:
    """Follows every point of the frame `here` in one direction of time, a step at a time."""

    def __init__(self, here: Guide, before: Track | None, length: int) -> None:
        """`before`: the step from the frame the other way, from which the speed of what is hidden at once is known;
        `length`: how many steps will be gone."""
        rows, columns = here.shape[:2]
        self._here = here
        self._anchor = Anchor(here) if length > ANCHORED else None
        self._distance = 0
        self._cost: Plane = np.zeros((rows, columns), np.float32)
        self._hidden = np.zeros((rows, columns), bool)
        self._speed: Field | None = None if before is None else -parted(widen(before))[0]
        self.flow: Field = np.zeros((rows, columns, 2), np.float32)
        """From the frame to the one arrived at, (height, width, 2) px."""
        self.sure: Plane = np.ones((rows, columns), np.float32)
        """How far to believe it, in [0, 1]."""

    def go(self, following: Track, there: Guide) -> None:
        """One step on, to the frame `there`; `following` is the step to it from the frame arrived at."""
        step = widen(following)
        speed, step_cost = parted(warp(step, self.flow, smooth=False) if self._distance else step)
        self._distance += 1
        cost = np.maximum(step_cost - np.float32(NOISE), 0)
        covered = step_cost > HIDDEN
        if self._speed is not None:
            cv2.copyTo(self._speed, _mask(covered | self._hidden), speed)
        self.flow = cv2.add(self.flow, speed)
        if self._anchor is not None and self._distance % ANCHORED == 0:
            self.flow = self._anchor.propagate(there, self.flow, RADII, DIRECTIONS)
            self.flow = self._anchor.register(there, self.flow)
        unlike = likeness_cost(self._here, seen_along(there, self.flow))
        patch = cv2.GaussianBlur(unlike, (0, 0), PATCH * len(self._here) / REFERENCE_HEIGHT)
        was = self._hidden
        self._hidden = (was & (patch > BACK)) | (~was & (covered | (patch > GONE)))
        set_where(cost, was | self._hidden, 0)
        self._cost = cv2.add(self._cost, cost)
        self._speed = speed
        doubt = cv2.add(unlike, self._cost)
        set_where(doubt, self._hidden | outside(self.flow), OUTSIDE)
        self.sure = cv2.exp(-doubt)


def _mask(where: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return where.view(np.uint8)
