"""A glTF model as a backdrop."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from compositing.camera.record import View
from compositing.colour import Image, Plane
from compositing.gltf.model import Model
from compositing.opengl.scene import Daylight, Placement

if TYPE_CHECKING:
    from compositing.opengl.renderer import Renderer


@dataclass(frozen=True)
class ModelBackdrop:
    """A model, drawn by OpenGL when it is first asked for a picture.

    Attributes:
        model: see `compositing.gltf.read_model`.
        placement: where it stands, seen from the first camera.
        daylight: what light falls on it.

    Raises:
        MissingPackage: there is no OpenGL, or no moderngl.
    """

    model: Model
    placement: Placement = field(default_factory=Placement)
    daylight: Daylight = field(default_factory=Daylight)

    far = False
    moves = False

    def render(self, view: View, frame: float) -> tuple[Image, Plane]:
        return self._renderer.draw(view)

    @cached_property
    def _renderer(self) -> Renderer:
        from compositing.opengl.renderer import Renderer

        return Renderer(self.model, self.placement, self.daylight)
