"""How the photographed frames of a window move, at three sizes."""

from __future__ import annotations

from collections.abc import Sequence

from deflicker.anchor import Anchor, Guide
from deflicker.arrays import Field, unpack
from deflicker.bare import calm_bare_parts
from deflicker.flow import Flow
from deflicker.guide_level import GuideLevel, Neighbour
from deflicker.resize import half
from deflicker.schedule import Schedule
from deflicker.threads import each

RADII, DIRECTIONS = (8.0, 3.0), 4
"""Where else the motion between two frames is looked for, in px at a height of 288."""


class Motion:
    """The guides at the draft's size, at half and at a quarter of it, and the neighbours of a frame on each.

    The flow between two frames that follow one another is searched once, at the draft's size, when it is first
    needed.
    """

    def __init__(self, flow: Flow, schedule: Schedule) -> None:
        self._flow = flow
        # Each level is needed as long as the steps that follow its tracks read frames behind their own.
        self.draft = GuideLevel(min(-schedule.near, -schedule.fuse_far))
        self.half = GuideLevel(min(schedule.align - schedule.near, schedule.fuse_far - schedule.far))
        self.quarter = GuideLevel(schedule.small)

    @property
    def levels(self) -> tuple[GuideLevel, GuideLevel, GuideLevel]:
        return self.draft, self.half, self.quarter

    def add(self, index: int, guide: Guide) -> None:
        """Takes in the photographed frame `index`: (height, width, 3) uint8 at the draft's size."""
        self.draft.guide[index] = guide
        self.half.guide[index] = half(guide)
        self.quarter.guide[index] = half(self.half.guide[index])

    def neighbours(self, t: int, offsets: Sequence[int], level: GuideLevel) -> list[Neighbour]:
        """Each neighbour u at one of the offsets inside the shot: the flow t->u and how far to believe it."""
        for direction in (-1, 1):
            for distance in range(1, max(offsets, default=0) + 1):
                u = t + direction * distance
                if u not in level.guide:
                    break
                if u - direction not in level.steps[direction]:
                    self._learn(u - direction, u)
        sides = each(lambda direction: list(level.trails(t, direction, offsets)), (-1, 1))
        return [neighbour for side in sides for neighbour in side]

    def forget(self, finished: int) -> None:
        """Drops what no frame after `finished` needs."""
        for level in self.levels:
            level.forget(finished)

    def drop(self, before: int) -> None:
        """Drops the frames before that one."""
        for level in self.levels:
            level.drop(before)

    def _learn(self, u: int, v: int) -> None:
        """Computes the steps between two neighbouring frames, both ways and on each level."""
        forward, backward = each(lambda way: self._search(*way), ((u, v), (v, u)))
        for level in self.levels:
            level.learn(u, v, forward, backward)

    def _search(self, u: int, v: int) -> Field:
        return search(self._flow, self.draft.guide[u], self.draft.guide[v])


def search(flow: Flow, here: Guide, there: Guide) -> Field:
    """The flow between two frames that follow one another, set right at the edges of what moves and where nothing
    is to be seen: (height, width, 2) float32 px."""
    return Anchor(here).propagate(there, calmed(flow, here, there), RADII, DIRECTIONS)


def calmed(flow: Flow, here: Guide, there: Guide) -> Field:
    """The flow between two frames that follow one another, set right where nothing is to be seen."""
    found = flow(unpack(here), unpack(there))
    return Anchor(here).prefer(there, found, calm_bare_parts(here, there, found))
