"""What a backdrop is: something that gives a picture for a view."""

from __future__ import annotations

from typing import Protocol

from compositing.camera.record import View
from compositing.colour import Image, Plane


class Backdrop(Protocol):
    """A world behind the subject."""

    @property
    def far(self) -> bool:
        """Whether all of it is infinitely far away, so that a camera's place makes no difference."""

    @property
    def moves(self) -> bool:
        """Whether it looks different at different times from one place: a film plate does."""

    def render(self, view: View, frame: float) -> tuple[Image, Plane]:
        """What a camera sees of it through a lens without distortion.

        Args:
            view: where from; its size is the picture's.
            frame: when, for backdrops that move by themselves.

        Returns:
            (H, W, 3) float32, scene-linear, and (H, W) float32 depth along the axis, metres; infinity is far.
        """
