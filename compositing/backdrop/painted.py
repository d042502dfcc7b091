"""A backdrop painted a few times and shown in every frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from compositing.backdrop.base import Backdrop
from compositing.backdrop.keys import KeyView
from compositing.backdrop.reproject import places_in_key
from compositing.camera.record import View
from compositing.colour import Image, Plane
from compositing.merge.spread import spread_colour

INK = 1 / 180
"""How far beside a thing its outline is drawn, in picture heights."""


@dataclass
class PaintedBackdrop:
    """A backdrop that shows painted key pictures, each reprojected by the set's own depth.

    `pictures` are those of `keys`, in order, (h, w, 3) float32, scene-linear, of the keys' sizes or any of the same
    shape.
    """

    backdrop: Backdrop
    keys: Sequence[KeyView]
    pictures: Sequence[Image]

    moves = False

    def __post_init__(self) -> None:
        if len(self.keys) != len(self.pictures) or not self.keys:
            raise ValueError(f"{len(self.keys)} key pictures are needed, {len(self.pictures)} were given.")
        self._depths = [
            with_outline(self.backdrop.render(key.view, float(key.frame))[1]) for key in self.keys
        ]

    @property
    def far(self) -> bool:
        return self.backdrop.far

    def render(self, view: View, frame: float) -> tuple[Image, Plane]:
        """The nearest keys' pictures; what none of them shows takes on the colours beside it."""
        own, depth = self.backdrop.render(view, frame)
        light = np.zeros_like(own)
        bare = np.ones(depth.shape, bool)
        surface = with_outline(depth)
        for k in sorted(range(len(self.keys)), key=lambda k: abs(self.keys[k].frame - frame)):
            across, down, seen = places_in_key(view, surface, self.keys[k].view, self._depths[k])
            use = seen & bare
            if not use.any():
                continue
            picture = self.pictures[k]
            width, height = self.keys[k].view.size
            scale = picture.shape[1] / width, picture.shape[0] / height
            across, down = (
                (np.float32(s) * (p + np.float32(0.5)) - np.float32(0.5))
                for s, p in zip(scale, (across, down), strict=True)
            )
            sampled = cv2.remap(picture, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
            light[use] = sampled[use]
            bare &= ~use
            if not bare.any():
                break
        if bare.any():
            near, _ = spread_colour(light, (~bare).astype(np.float32), max(2.0, 0.01 * view.size[1]))
            light[bare] = near[bare]
        return np.maximum(light, 0), depth


def with_outline(depth: Plane) -> Plane:
    """The depth of a drawing: a contour's ink lies on what it bounds, though half of it is drawn beside it."""
    side = 2 * max(1, round(INK * depth.shape[0])) + 1
    return cv2.erode(depth, np.ones((side, side), np.uint8))
