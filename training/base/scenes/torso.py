"""The clothes of a torso: a shirt, jacket or sweater, what shows below it, and a collar."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .body import Body, garment, weave
from .colours import mixed, scaled
from .layer import Layer
from .shapes import Point, open_curve, ribbon
from .torso_details import front_details
from .torso_shape import TorsoShape

SHINY_SHARE, COLLAR_SHARE = 0.2, 0.35


def torso(rng: np.random.Generator, body: Body) -> Iterator[Layer]:
    """The clothes from shoulders to hips, back to front."""
    shape = TorsoShape.draw(rng, body.wide)
    yield _skirt(rng, body, shape) if body.wardrobe.legs == "skirt" else _waistband(rng, body, shape)
    strokes, marks = front_details(rng, body, shape)
    gloss = 0.15 if rng.random() < SHINY_SHARE else 0.0
    yield garment(
        rng,
        body,
        body.at(shape.outline()),
        body.wardrobe.top,
        0.34,
        gloss=gloss,
        strokes=strokes,
        marks=marks,
    )
    if rng.random() < COLLAR_SHARE:
        yield _collar(rng, body, shape)


def _waistband(rng: np.random.Generator, body: Body, shape: TorsoShape) -> Layer:
    """The top of trousers or shorts; the legs' own garments start below it."""
    hip = shape.hip
    return Layer(
        body.at([(-hip, 2.7), (hip, 2.7), (hip * 1.08, 3.45), (0, 3.6), (-hip * 1.08, 3.45)]),
        body.wardrobe.bottom,
        round=body.px(0.25),
        texture=weave(rng, body),
        depth=body.depth,
        line=0.8,
    )


def _skirt(rng: np.random.Generator, body: Body, shape: TorsoShape) -> Layer:
    """A flared skirt with a wavy hem and four pleats."""
    hip, hem, flare = shape.hip, rng.uniform(4.2, 6.0), rng.uniform(1.1, 1.9)
    across = np.linspace(1, -1, 9)
    wavy = [(x * hip * flare, hem + 0.06 * np.sin(9 * x) + 0.1 * (1 - x * x)) for x in across]
    outline = body.at([(-hip * 0.9, 2.6), (hip * 0.9, 2.6), *wavy])
    pleats = [
        body.stroke([(x * hip * 0.9, 3.0 + rng.uniform(0, 0.4)), (x * hip * flare, hem)], 0.025, soft=0.45)
        for x in rng.uniform(-0.8, 0.8, 4)
    ]
    return garment(rng, body, outline, body.wardrobe.bottom, 0.35, strokes=pleats)


def _collar(rng: np.random.Generator, body: Body, shape: TorsoShape) -> Layer:
    """A band of cloth along the neckline, in the colour of the garment or of what is worn below it."""
    neck, low = shape.neck, shape.neckline
    edge: list[Point] = [
        (-neck * 1.05, 0.62),
        (-neck * 0.5, low * 0.97),
        (0, low + 0.02),
        (neck * 0.5, low * 0.97),
        (neck * 1.05, 0.62),
    ]
    wear = body.wardrobe
    colour = wear.top if rng.random() < 0.6 else wear.inner
    return Layer(
        ribbon(body.at(open_curve(edge, 5)), [body.px(0.13)]),
        scaled(mixed(colour, wear.inner, 0.1), 0.95),
        round=body.px(0.06),
        line=0.9,
        shadow=0.3,
        reach=body.px(0.04),
        depth=body.depth,
    )
