"""Renders a random scene twice: as a photograph and as the cels of its drawing."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from training.base.assemble import assemble_drawing
from training.base.attributes import Attributes
from training.base.cels import Cels

from .camera import Camera, defocus
from .canvas import Canvas
from .light import Light, daylight, indoors, nightfall
from .photo_and_drawing import drawing, falloff, photograph
from .scene_types import SCENE_TYPES, SHARES

OVERSAMPLING = 2
PAINTED_BOKEH = 0.7
"""Share of the lens's blur that the drawing has where the photograph is out of focus."""
NEAR = 0.3
"""Depth up to which a surface belongs to a subject."""


@dataclass(frozen=True)
class Pair:
    """One scene twice.

    Attributes:
        photo, drawn: (size, size, 3) float32 RGB in [0, 1].
        rounded: (size, size) bool, where there is skin, cloth, hair or anything else whose light changes over it.
    """

    photo: np.ndarray
    drawn: np.ndarray
    attributes: Attributes
    rounded: np.ndarray

    @property
    def caption(self) -> str:
        return self.attributes.caption()


def render_pair(rng: np.random.Generator, size: int = 128, attributes: Attributes | None = None) -> Pair:
    """A photograph-like picture and its drawing, wholly determined by `rng`.

    Args:
        rng: the only source of randomness.
        size: height and width in px, 64 to 512, even.
        attributes: of the drawing; random if None.

    Raises:
        ValueError: a size that cannot be rendered.
    """
    attributes = attributes or Attributes.draw(rng)
    cels, camera, rounded = _render(rng, size)
    return Pair(camera.record(cels.photo, rng), assemble_drawing(cels, attributes), attributes, rounded)


def render_cels(rng: np.random.Generator, size: int = 128) -> Cels:
    """The photograph of a scene, without sensor noise, and the cels of its drawing, wholly determined by `rng`.

    Raises:
        ValueError: a size that cannot be rendered.
    """
    return _render(rng, size)[0]


def _render(rng: np.random.Generator, size: int) -> tuple[Cels, Camera, np.ndarray]:
    if not 64 <= size <= 512 or size % 2:
        raise ValueError(f"size must be even and between 64 and 512, not {size}.")
    scene_type = SCENE_TYPES[int(rng.choice(len(SCENE_TYPES), p=SHARES))]
    canvas = Canvas(OVERSAMPLING * size, _light(rng, scene_type.place), rng)
    for layer in scene_type.layers(rng, canvas.size, canvas.light):
        canvas.add(layer)
    uneven = falloff(canvas)
    scene = photograph(canvas, uneven)
    camera = Camera.draw(rng, canvas.light.night)
    drawn = drawing(canvas, camera.grade(scene[::2, ::2]), uneven, camera.bokeh)
    depth = np.asarray(canvas.depths, np.float32)[canvas.ids[::2, ::2]]
    if camera.bokeh:
        drawn = tuple(defocus(cel, depth, PAINTED_BOKEH * camera.bokeh) for cel in drawn)
    photo = camera.grade(cv2.resize(scene, (size, size), interpolation=cv2.INTER_AREA))
    cels = [np.clip(cel, 0, 1).astype(np.float32) for cel in drawn]
    rounded = np.asarray(canvas.modelled)[canvas.ids[::2, ::2]] & (depth < NEAR)
    return Cels(camera.through_lens(photo, depth), *cels), camera, rounded


def _light(rng: np.random.Generator, where: str) -> Light:
    return {"outdoors": daylight, "indoors": indoors, "night": nightfall}[where](rng)
