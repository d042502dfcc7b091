"""The joints of a body and its clothes, in the body's frame.

The body's frame has its origin at the middle of the head, 1 is the head's height, and y points down. A whole figure
is about seven heads high.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .colours import cloth, jitter
from .head import Head
from .layer import Colour, Layer, Mark, Stroke, Texture
from .shapes import Point, open_curve, place

LIMB_GROUP = 20


@dataclass(frozen=True)
class Wardrobe:
    """Colours and kinds of the clothes: `sleeves` long, short or none; `legs` trousers, shorts or skirt."""

    top: Colour
    inner: Colour
    bottom: Colour
    shoes: Colour
    sleeves: str
    legs: str
    open_front: bool
    stripes: bool

    @classmethod
    def draw(cls, rng: np.random.Generator, like: Colour | None = None) -> Wardrobe:
        """Random clothes, the top nearly in the colour `like` if there is one."""
        return cls(
            top=cloth(rng) if like is None else jitter(rng, like, 0.04),
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
    """One figure.

    Attributes:
        wide: half the width of the shoulders, in head heights.
        lean: angle by which the whole body is turned, rad.
        arms: left and right of the picture, each (3, 2): shoulder, elbow, wrist in the body's frame.
        legs: the same for hip, knee, ankle.
        style: of the hair.
        depth: 0 at the subject, 1 far away.
    """

    head: Head
    wide: float
    lean: float
    arms: tuple[np.ndarray, np.ndarray]
    legs: tuple[np.ndarray, np.ndarray]
    wardrobe: Wardrobe
    style: str
    depth: float

    def line(self) -> float:
        """Weight of the outlines: finer on small figures."""
        return 1.0 if self.head.height > 40 else 0.7

    def px(self, length: float) -> float:
        """A length in head heights, in canvas px."""
        return length * self.head.height

    def at(self, points: Sequence[Point] | np.ndarray) -> np.ndarray:
        """Points of the body's frame, in canvas px."""
        return place(np.asarray(points, float), self.head.centre, self.head.height, self.lean)

    def stroke(
        self,
        points: Sequence[Point] | np.ndarray,
        width: float,
        least_px: float = 1.0,
        steps: int = 5,
        taper: bool = True,
        soft: float = 0.25,
        ink: float = 1.0,
    ) -> Stroke:
        """An ink line through points of the body's frame, `width` head heights wide but at least `least_px`."""
        line = self.at(open_curve(points, steps))
        return Stroke(line, max(self.px(width), least_px), taper=taper, soft=soft, ink=ink)


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
    """A piece of clothing with this `outline` (canvas px): its edge rounded over `width` head heights, folds, a
    weave."""
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
