"""Whether a frame flickers at all, found in a few milliseconds: most frames of a good drawing do not.

The frames are compared as `restlessness` does it, but at a small size and with the next one each way alone, along a
quick search for the motion; where that does not call them calm, along a better one. A search's errors make a frame
look more restless than it is, never calmer by much: near the limits this measure and that of `restlessness` lie
within a tenth of each other on average, within a quarter at most. What is not plainly calm is looked at in full.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from deflicker.anchor import Guide
from deflicker.arrays import Field, Image, Plane, luma8, unpack
from deflicker.flow import Flow
from deflicker.frame_cache import FrameCache
from deflicker.registered import RegisteredDIS
from deflicker.resize import REFERENCE_HEIGHT, reduced
from deflicker.restlessness import FRAME_STILL, SPOT_STILL, changes, usual_and_most
from deflicker.track import Track, confidence_in, parted, step
from deflicker.warp import warp

ROWS = 144
"""Frames are compared at most at this height."""
SMALLEST_PX = 48
"""Below this little is left to compare: such frames are looked at in full."""
AROUND = 2
"""A frame is calm where so many frames on either side are calm too: a drawing that is held for some frames is like
the next one, and flickers all the same."""


class CalmFrames:
    """Tells which frames of one shot are plainly calm; a pure function of a frame and three on either side."""

    lookaround = AROUND + 1

    def __init__(self) -> None:
        self._drawn: FrameCache[Image] = FrameCache(-self.lookaround)
        self._source: FrameCache[Guide] = FrameCache(-self.lookaround)
        self._searches = (_Steps(_quick_search), _Steps(RegisteredDIS(ROWS)))
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
        caches: list[FrameCache[Any]] = [self._drawn, self._source, self._like_the_next]
        for steps in self._searches:
            caches += steps.found.values()
        for cache in caches:
            cache.forget(finished)

    def _is_like_the_next(self, t: int) -> bool:
        if t not in self._like_the_next:
            self._like_the_next[t] = self._compare(t)
        return self._like_the_next[t]

    def _compare(self, t: int) -> bool:
        """Whether the drawing is what the next one on either side, carried to it, says that it should be."""
        if min(self._drawn[t].shape[:2]) < SMALLEST_PX:
            return False
        return any(self._is_calm_along(steps, t) for steps in self._searches)

    def _is_calm_along(self, steps: _Steps, t: int) -> bool:
        own, source = self._drawn[t], unpack(self._source[t])
        neighbours = []
        for direction in (-1, 1):
            if t + direction in self._drawn:
                track = steps.between(t, t + direction, self._source)
                neighbours.append(self._carried(t + direction, track, source))
        usual, most = usual_and_most(changes(own, source, neighbours, own.shape[0] / REFERENCE_HEIGHT))
        return usual <= FRAME_STILL and most <= SPOT_STILL  # `UNSEEN` leaves room for the measures to differ

    def _carried(self, u: int, track: Track, source: Image) -> tuple[Image, Image, Plane]:
        """Drawing u and its photograph, carried along the track that leads there from a frame whose photograph is
        `source`, and how far that can be believed."""
        motion, cost = parted(track)
        photographed = unpack(self._source[u])
        sure = confidence_in(motion, cost, source, warp(photographed, motion, smooth=False))
        return warp(self._drawn[u], motion), warp(photographed, motion), sure


class _Steps:
    """The steps between neighbouring frames that one search finds."""

    def __init__(self, search: Flow) -> None:
        self._search = search
        self.found: dict[int, FrameCache[Track]] = {
            way: FrameCache(-CalmFrames.lookaround) for way in (-1, 1)
        }
        """`[d][t]`: the step from frame t to frame t + d."""

    def between(self, t: int, u: int, source: FrameCache[Guide]) -> Track:
        """The step from frame t to its neighbour u."""
        if t not in self.found[u - t]:
            first, second = min(t, u), max(t, u)
            here, there = unpack(source[first]), unpack(source[second])
            forward, backward = self._search(here, there), self._search(there, here)
            self.found[1][first], self.found[-1][second] = step(forward, backward), step(backward, forward)
        return self.found[u - t][t]


def _quick_search(here: Image, there: Image) -> Field:
    """OpenCV's fast search: half the time, and a third more change than there is."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    return np.asarray(search.calc(luma8(here), luma8(there), None), np.float32)  # type: ignore[call-overload]
