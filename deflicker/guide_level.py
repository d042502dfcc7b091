"""The photographed frames of a window at one size, and the steps between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deflicker.anchor import Guide
from deflicker.arrays import Field, Plane, narrow
from deflicker.frame_cache import FrameCache
from deflicker.track import Track, step
from deflicker.trail import Trail
from deflicker.warp import resize_flow

Neighbour = tuple[int, Field, Plane]
"""Its number, the flow to it from the frame in work, and how far to believe that."""


class GuideLevel:
    """`guide[t]` is a photographed frame, uint8; `steps[d][t]` the step from it to frame t + d, d = +-1.

    Steps are kept as float16, whose 11 bits are exact to a two-thousandth of the motion.

    Args:
        oldest: the oldest frame that is needed, as for `FrameCache`.
    """

    def __init__(self, oldest: int = 0) -> None:
        self.guide: FrameCache[Guide] = FrameCache(oldest)
        self.steps: dict[int, FrameCache[Track]] = {d: FrameCache(oldest) for d in (-1, 1)}

    def learn(self, u: int, v: int, forward: Field, backward: Field) -> None:
        """Takes the flow u->v and v->u between two neighbouring frames, at any size."""
        if u not in self.guide or v not in self.guide:
            return
        rows, columns = self.guide[u].shape[:2]
        forward, backward = resize_flow(forward, rows, columns), resize_flow(backward, rows, columns)
        self.steps[v - u][u] = narrow(step(forward, backward))
        self.steps[u - v][v] = narrow(step(backward, forward))

    def trails(self, t: int, direction: int, offsets: Sequence[int]) -> Iterator[Neighbour]:
        """The frames at the offsets in one direction (+-1) from frame t, as far as steps lead."""
        farthest, steps = max(offsets, default=0), self.steps[direction]
        trail = Trail(self.guide[t], self.steps[-direction].get(t), farthest)
        for distance in range(1, farthest + 1):
            u = t + direction * distance
            following = steps.get(u - direction)
            if following is None:
                return
            trail.go(following, self.guide[u])
            if distance in offsets:
                yield u, trail.flow, trail.sure

    def forget(self, finished: int) -> None:
        """Drops what no frame after `finished` needs."""
        for cache in (self.guide, *self.steps.values()):
            cache.forget(finished)

    def drop(self, before: int) -> None:
        """Drops the frames before that one."""
        for cache in (self.guide, *self.steps.values()):
            cache.drop(before)
