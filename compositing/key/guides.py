"""Areas that a person marks by hand: the subject, what is not the subject, what keeps its colours."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from compositing.colour import Image, Plane
from compositing.errors import InvalidSetting, SizeMismatch, sizes
from compositing.key.trimap import Trimap
from compositing.screen.clean import Window

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, as shares of the width and the height, or in pixels where any is above 1."""


@dataclass(frozen=True)
class Guides:
    """Planes in [0, 1] of the frame's size, or None; from 0.5 on they hold.

    Attributes:
        core: is the subject, whatever its colour; its spill is still taken back.
        garbage: is not the subject: rigs, lights, the studio beside the screen.
        holdout: is the subject, and its colours are left alone: a prop of the screen's colour.
    """

    core: Plane | None = None
    garbage: Plane | None = None
    holdout: Plane | None = None

    def check(self, shape: tuple[int, int]) -> None:
        """Holds the guides to a frame's height and width.

        Raises:
            SizeMismatch: one is not of that size.
        """
        for name in ("garbage", "core", "holdout"):
            plane = getattr(self, name)
            if plane is not None and plane.shape != shape:
                theirs, ours = sizes(plane.shape, shape)
                raise SizeMismatch(f"The {name} matte is {theirs}, the frame {ours}.")

    def within(self, window: Window) -> Guides:
        """The guides in a part of the frame."""
        planes = (self.core, self.garbage, self.holdout)
        return Guides(*(None if plane is None else plane[window] for plane in planes))

    def subject(self) -> Plane | None:
        """What is marked as the subject, boolean, or None."""
        marked = [plane >= 0.5 for plane in (self.core, self.holdout) if plane is not None]
        return np.asarray(np.logical_or.reduce(marked)) if marked else None

    def apply(self, trimap: Trimap) -> Trimap:
        """The trimap with the marked areas put in; garbage yields to the other two."""
        core, bare = trimap.core, trimap.bare
        for name in ("garbage", "core", "holdout"):
            plane = getattr(self, name)
            if plane is None:
                continue
            marked = plane >= 0.5
            core, bare = (
                (core & ~marked, bare | marked) if name == "garbage" else (core | marked, bare & ~marked)
            )
        return replace(trimap, core=core, bare=bare)

    def hide(self, light: Image) -> Image:
        """A frame with everything black that is marked: it is not the screen's."""
        marked = [plane >= 0.5 for plane in (self.core, self.garbage, self.holdout) if plane is not None]
        marked = [each for each in marked if each.shape == light.shape[:2]]
        return np.where(np.logical_or.reduce(marked)[..., None], np.float32(0), light) if marked else light

    def untouched(self) -> Plane | None:
        """Where colours are left alone, boolean, or None."""
        return None if self.holdout is None else self.holdout >= 0.5


def box_mask(boxes: list[Box], width: int, height: int) -> Plane:
    """A plane that is 1 inside the boxes.

    Raises:
        InvalidSetting: a box is empty or lies outside the frame.
    """
    plane = np.zeros((height, width), np.float32)
    for box in boxes:
        scale = (1, 1, 1, 1) if max(box) > 1 else (width, height, width, height)
        left, top, right, bottom = (round(value * each) for value, each in zip(box, scale, strict=True))
        if not (0 <= left < right <= width and 0 <= top < bottom <= height):
            raise InvalidSetting(
                f"The box {box} is empty, or not inside a frame of {width}x{height}.",
                hint="a box is left, top, right, bottom, as shares of the frame or in pixels",
            )
        plane[top:bottom, left:right] = 1
    return plane
