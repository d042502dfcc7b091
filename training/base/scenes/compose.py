"""Scenes: what stands where, back to front; and the pair of pictures."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .attributes import Attributes
from .camera import Camera, defocus
from .develop import drawing, falloff, photograph
from .light import Light, daylight, indoors, nightfall
from .settings import SETTINGS, SHARES
from .shading import Canvas

OVERSAMPLING = 2
PAINTED_BOKEH = 0.7
"""How much of the lens's blur a painter gives to what is out of focus."""


@dataclass(frozen=True)
class Pair:
    """One scene twice: `photo` and `drawn` are (size, size, 3) float32 RGB in [0, 1]."""

    photo: np.ndarray
    drawn: np.ndarray
    attributes: Attributes

    @property
    def caption(self) -> str:
        return self.attributes.caption()


def render_pair(rng: np.random.Generator, size: int = 128, attributes: Attributes | None = None) -> Pair:
    """A photograph-like picture and its drawing, wholly determined by `rng`.

    Args:
        rng: the only source of chance.
        size: height and width in px, 64 to 512, even.
        attributes: the look of the drawing; drawn at random if None.

    Raises:
        ValueError: a size that cannot be rendered.
    """
    if not 64 <= size <= 512 or size % 2:
        raise ValueError(f"size must be even and between 64 and 512, not {size}.")
    look = attributes or Attributes.draw(rng)
    setting = SETTINGS[int(rng.choice(len(SETTINGS), p=SHARES))]
    canvas = Canvas(OVERSAMPLING * size, _light(rng, setting.place), rng)
    for layer in setting.layers(rng, canvas.size, canvas.light):
        canvas.add(layer)
    uneven = falloff(canvas)
    scene = photograph(canvas, uneven)
    camera = Camera.draw(rng, canvas.light.night)
    sharp = camera.grade(scene[::2, ::2])
    drawn = drawing(canvas, sharp, uneven, look, camera.bokeh)
    photo = camera.grade(cv2.resize(scene, (size, size), interpolation=cv2.INTER_AREA))
    depth = np.asarray(canvas.depths, np.float32)[canvas.ids[::2, ::2]]
    if camera.bokeh:
        drawn = np.clip(defocus(drawn, depth, PAINTED_BOKEH * camera.bokeh), 0, 1)
    return Pair(camera.damage(photo, depth, rng), drawn, look)


def _light(rng: np.random.Generator, where: str) -> Light:
    return {"outdoors": daylight, "indoors": indoors, "night": nightfall}[where](rng)
