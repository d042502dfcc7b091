"""What an overlay is: a small layer over the finished picture, for some of a shot's frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from compositing.camera.record import View
from compositing.colour import Image, Plane
from compositing.errors import InvalidSetting


@dataclass(frozen=True)
class OverlayContext:
    """What an overlay may know of a frame: its number in the shot, the subject's matte, (H, W), and the view."""

    frame: int
    alpha: Plane | None = None
    view: View | None = None


class Overlay(Protocol):
    """A layer. It depends on the picture and its context alone, so frames can be made in any order."""

    def apply(self, light: Image, context: OverlayContext) -> Image:
        """The picture, (H, W, 3) float32 scene-linear, with the layer on it."""


@dataclass(frozen=True)
class Span:
    """When a layer is there: from frame `start` to `end` (None: to the last), fading over `fade` frames."""

    start: int = 0
    end: int | None = None
    fade: int = 0

    def at(self, frame: int) -> float:
        """How much of it is there, 0 to 1."""
        if frame < self.start or (self.end is not None and frame > self.end):
            return 0.0
        edges = [frame - self.start + 1]
        if self.end is not None:
            edges.append(self.end - frame + 1)
        return min(1.0, *(edge / (self.fade + 1) for edge in edges)) if self.fade else 1.0


ALWAYS = Span()


def place_of(at: tuple[float, ...], light: Image, view: View | None) -> NDArray[np.float64]:
    """A place in the picture, px: `at` is (across, down) in parts of it, or (x, y, z) metres in the world.

    Raises:
        InvalidSetting: a place in the world, and no camera to see it.
    """
    height, width = light.shape[:2]
    if len(at) == 2:
        return np.array([at[0] * (width - 1), at[1] * (height - 1)])
    if view is None:
        raise InvalidSetting("An overlay at a place in the world needs the shot's camera.")
    places, depth = view.resized((width, height)).project(np.array([at]))
    return places[0] if depth[0] > 0 else np.array([width / 2, -10.0 * height])
