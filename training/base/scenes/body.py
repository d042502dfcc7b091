"""A body's joints and its clothes, in a frame of its own.

The body's frame: origin at the middle of the head, 1 is the head's height, y down; about seven heads in all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .colours import cloth
from .head import Head
from .layer import Colour, Layer, Mark, Stroke, Texture
from .shapes import place

LIMB_GROUP = 20


@dataclass(frozen=True)
class Wardrobe:
    top: Colour
    inner: Colour
    bottom: Colour
    shoes: Colour
    sleeves: str
    legs: str
    open_front: bool
    stripes: bool

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Wardrobe:
        return cls(
            top=cloth(rng),
            inner=cloth(rng),
            bottom=cloth(rng),
            shoes=cloth(rng),
            sleeves=str(rng.choice(["long", "short", "none"], p=[0.58, 0.34, 0.08])),
            legs=str(rng.choice(["trousers", "shorts", "skirt"], p=[0.66, 0.17, 0.17])),
            open_front=bool(rng.random() < 0.3),
            stripes=bool(rng.random() < 0.12),
        )


@dataclass(frozen=True)
class Body:
    """Joints in the body's frame; `wide` is half the shoulders, `lean` turns the whole (rad)."""

    head: Head
    wide: float
    lean: float
    arms: tuple[np.ndarray, np.ndarray]
    legs: tuple[np.ndarray, np.ndarray]
    wardrobe: Wardrobe
    style: str
    depth: float

    def line(self) -> float:
        """The weight of its outlines: finer on small figures."""
        return 1.0 if self.head.height > 40 else 0.7

    def px(self, length: float) -> float:
        return length * self.head.height

    def at(self, points: np.ndarray | list[tuple[float, float]]) -> np.ndarray:
        return place(np.asarray(points, float), self.head.centre, self.head.height, self.lean)


def garment(
    rng: np.random.Generator,
    body: Body,
    outline: np.ndarray,
    color: Colour,
    width: float,
    group: int = 0,
    shadow: float = 0.5,
    gloss: float = 0.0,
    strokes: Sequence[Stroke] = (),
    marks: Sequence[Mark] = (),
) -> Layer:
    """A piece of clothing over `outline` (px): rounded over `width` head heights, folded, woven."""
    return Layer(
        outline,
        color,
        round=body.px(width),
        fold=body.px(float(rng.uniform(0.015, 0.06))),
        fold_angle=float(rng.uniform(0, np.pi)),
        line=body.line(),
        depth=body.depth,
        group=group,
        gloss=gloss,
        texture=weave(rng, body),
        shadow=shadow,
        reach=body.px(0.13),
        strokes=list(strokes),
        marks=list(marks),
    )


def weave(rng: np.random.Generator, body: Body) -> Texture:
    kind = str(rng.choice(["weave", "concrete", "grit"], p=[0.4, 0.2, 0.4]))
    return Texture(kind, float(rng.uniform(0.02, 0.07)), min(1.0, body.head.height / 120 + 0.3))
