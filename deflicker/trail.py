"""The points of a frame, followed over many others: lost where something hides them, and found again.

A bare chain of steps (see track.py) drifts, and from where a limb has hidden the wall on it follows the limb. A
trail goes on with the speed it had while its point is hidden, and looks at every frame for what it has lost: so
the wall on either side of a limb that passes is still known to be one wall. Every few frames all points are
anchored to the frame they came from.
"""

from __future__ import annotations

import cv2
import numpy as np

from deflicker.anchor import PATCH, Anchor, Guide
from deflicker.arrays import Field, Plane
from deflicker.confidence import OUTSIDE, inside, likeness_cost
from deflicker.track import Track
from deflicker.warp import grid, warp

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
        """`before`: the step from the frame the other way, which tells the speed of what is hidden at once;
        `length`: how many steps will be gone."""
        rows, columns = here.shape[:2]
        self._here = here
        self._anchor = Anchor(here) if length > ANCHORED else None
        self._distance = 0
        self._cost: Plane = np.zeros((rows, columns), np.float32)
        self._hidden = np.zeros((rows, columns), bool)
        self._speed: Field | None = None if before is None else -before[..., :2].astype(np.float32)
        self.flow: Field = np.zeros((rows, columns, 2), np.float32)
        """From the frame to the one arrived at, (height, width, 2) px."""
        self.sure: Plane = np.ones((rows, columns), np.float32)
        """How far to believe it, in [0, 1]."""

    def go(self, following: Track, there: Guide) -> None:
        """One step on, to the frame `there`; `following` is the step to it from the frame arrived at."""
        step = warp(following.astype(np.float32), self.flow, smooth=False) if self._distance else following
        step = step.astype(np.float32)
        self._distance += 1
        speed, cost = np.ascontiguousarray(step[..., :2]), np.maximum(step[..., 2] - np.float32(NOISE), 0)
        covered = step[..., 2] > HIDDEN
        if self._speed is not None:
            speed = np.where((covered | self._hidden)[..., None], self._speed, speed)
        self.flow = cv2.add(self.flow, speed)
        if self._anchor is not None and self._distance % ANCHORED == 0:
            self.flow = self._anchor.propagate(there, self.flow, RADII, DIRECTIONS)
            self.flow = self._anchor.register(there, self.flow)
        where = cv2.add(grid(*self._hidden.shape), self.flow)
        seen = cv2.remap(there, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
        unlike = likeness_cost(self._here, seen)
        patch = cv2.GaussianBlur(unlike, (0, 0), PATCH * len(self._here) / 288)
        was = self._hidden
        self._hidden = np.where(was, patch > BACK, covered | (patch > GONE))
        self._cost = cv2.add(self._cost, np.where(was | self._hidden, np.float32(0), cost))
        self._speed = speed
        doubt = cv2.add(unlike, self._cost)
        doubt[self._hidden | ~inside(self.flow)] = OUTSIDE
        self.sure = cv2.exp(-doubt)
