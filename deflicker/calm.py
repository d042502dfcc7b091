"""Whether a frame flickers at all, found in a few milliseconds: most frames of a good drawing do not.

The frames are compared as `restlessness` does it, but at a small size, with the next one each way alone, along a
quick search for the motion. Its errors make a frame look more restless than it is, never calmer by much: on real
and rendered films both measures lie within a fifth of each other. What is not plainly calm is looked at in full.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from deflicker.anchor import Guide
from deflicker.arrays import Field, Image, Plane, unpack
from deflicker.frame_cache import FrameCache
from deflicker.resize import REFERENCE_HEIGHT, reduced
from deflicker.restlessness import FRAME_STILL, SPOT_STILL, changes, usual_and_most
from deflicker.track import Track, confidence_in, parted, step
from deflicker.warp import warp

ROWS = 144
"""Frames are compared at most at this height."""
SMALLEST_PX = 48
"""Below this no pyramid of the quick search can be built: such frames are looked at in full."""
AROUND = 2
"""A frame is calm where so many frames on either side are calm too: a drawing that is held for some frames is like
the next one, and flickers all the same."""
MARGIN = 0.9
"""A frame is plainly calm from so much of the limits on: the two measures differ by a little."""


class CalmFrames:
    """Tells which frames of one shot are plainly calm; a pure function of a frame and three on either side."""

    lookaround = AROUND + 1

    def __init__(self) -> None:
        self._drawn: FrameCache[Image] = FrameCache(-self.lookaround)
        self._source: FrameCache[Guide] = FrameCache(-self.lookaround)
        self._steps: dict[int, FrameCache[Track]] = {way: FrameCache(-self.lookaround) for way in (-1, 1)}
        """`[d][t]`: the step from frame t to frame t + d."""
        self._like_the_next: FrameCache[bool] = FrameCache(-AROUND)

    def add(self, index: int, drawn: Image, guide: Guide) -> None:
        """Takes in a drawing, float32 in [0, 1], and its photograph, uint8, both (height, width, 3)."""
        scale = min(1.0, ROWS / guide.shape[0])
        self._drawn[index], self._source[index] = reduced(drawn, scale), reduced(guide, scale)

    def is_calm(self, t: int) -> bool:
        """Whether frame t plainly does not flicker, nor those around it that the shot has."""
        return all(self._is_like_the_next(u) for u in range(t - AROUND, t + AROUND + 1) if u in self._drawn)

    def forget(self, finished: int) -> None:
        """Drops what no frame after `finished` needs."""
        caches: list[FrameCache[Any]] = [
            self._drawn,
            self._source,
            *self._steps.values(),
            self._like_the_next,
        ]
        for cache in caches:
            cache.forget(finished)

    def _is_like_the_next(self, t: int) -> bool:
        if t not in self._like_the_next:
            self._like_the_next[t] = self._compare(t)
        return self._like_the_next[t]

    def _compare(self, t: int) -> bool:
        """Whether the drawing is what the next one on either side, carried to it, says that it should be."""
        own, source = self._drawn[t], self._source[t]
        if min(own.shape[:2]) < SMALLEST_PX:
            return False
        neighbours = [self._neighbour(t, direction) for direction in (-1, 1) if t + direction in self._drawn]
        size = changes(own, unpack(source), neighbours, own.shape[0] / REFERENCE_HEIGHT)
        usual, most = usual_and_most(size)
        return usual <= MARGIN * FRAME_STILL and most <= MARGIN * SPOT_STILL

    def _neighbour(self, t: int, direction: int) -> tuple[Image, Image, Plane]:
        """The next drawing and its photograph, carried here, and how far that can be believed."""
        u = t + direction
        if t not in self._steps[direction]:
            self._learn(min(t, u))
        motion, cost = parted(self._steps[direction][t])
        photographed = unpack(self._source[u])
        seen = warp(photographed, motion, smooth=False)
        sure = confidence_in(motion, cost, unpack(self._source[t]), seen)
        return warp(self._drawn[u], motion), warp(photographed, motion), sure

    def _learn(self, t: int) -> None:
        forward, backward = self._search(t, t + 1), self._search(t + 1, t)
        self._steps[1][t], self._steps[-1][t + 1] = step(forward, backward), step(backward, forward)

    def _search(self, t: int, u: int) -> Field:
        here, there = (cv2.cvtColor(self._source[frame], cv2.COLOR_RGB2GRAY) for frame in (t, u))
        quick = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        return np.asarray(quick.calc(here, there, None), np.float32)  # type: ignore[call-overload]
