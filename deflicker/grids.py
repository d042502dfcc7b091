"""The photographed frames of a window at one size, and the tracks between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from deflicker.anchor import Guide
from deflicker.arrays import Field, Image, Plane
from deflicker.track import Track, step
from deflicker.trail import Trail
from deflicker.warp import resize_flow

Neighbour = tuple[int, Field, Plane]
"""Its number, the flow to it from the frame in work, and how far to believe that."""


class Grid:
    """`guide[t]`: the photographed frame, uint8; `steps[t, d]`: the step from it to frame t + d, d = +-1.

    Steps are kept as float16, whose 11 bits are exact to a two-thousandth of the motion.
    """

    def __init__(self) -> None:
        self.guide: dict[int, Guide] = {}
        self.steps: dict[tuple[int, int], Track] = {}

    def learn(self, u: int, v: int, forward: Field, backward: Field) -> None:
        """Takes the flow u->v and v->u between two neighbouring frames, on any grid."""
        if u not in self.guide or v not in self.guide:
            return
        rows, columns = self.guide[u].shape[:2]
        forward, backward = resize_flow(forward, rows, columns), resize_flow(backward, rows, columns)
        self.steps[u, v - u] = step(forward, backward).astype(np.float16)
        self.steps[v, u - v] = step(backward, forward).astype(np.float16)

    def trails(self, t: int, direction: int, offsets: Sequence[int]) -> Iterator[Neighbour]:
        """Each frame at one of the offsets in one direction (+-1), as far as steps lead, beside frame t."""
        trail = Trail(self.guide[t], self.steps.get((t, -direction)), max(offsets, default=0))
        for distance in range(1, max(offsets, default=0) + 1):
            u = t + direction * distance
            following = self.steps.get((u - direction, direction))
            if following is None:
                return
            trail.go(following, self.guide[u])
            if distance in offsets:
                yield u, trail.flow, trail.sure

    def forget(self, first: int) -> None:
        """Lets go of the frames before `first`, and of the steps that begin there."""
        for index in [index for index in self.guide if index < first]:
            del self.guide[index]
        for key in [key for key in self.steps if key[0] < first]:
            del self.steps[key]


def reduced(image: Image, scale: float) -> Image:
    """The image at `scale` <= 1 of its size, each pixel the mean of those it covers."""
    if scale == 1:
        return image
    rows, columns = (max(1, round(side * scale)) for side in image.shape[:2])
    return cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA)


def half(image: Image) -> Image:
    return reduced(image, 0.5)
