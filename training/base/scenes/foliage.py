"""Plants: masses of leaves, trunks and branches, grass."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .colours import hsv, jitter, leaf, scaled
from .layer import Colour, Layer, Stroke, Texture
from .shapes import blob, closed_curve, open_curve, ribbon


def mass(
    rng: np.random.Generator, centre: tuple[float, float], radius: float, color: Colour, depth: float
) -> Layer:
    """A clump of leaves: scalloped edge; clumps of light and shadow that the drawing keeps as flat shapes."""
    knots = int(rng.integers(9, 17))
    t = np.linspace(0, 2 * np.pi, knots, endpoint=False)
    r = radius * (1 + 0.18 * rng.standard_normal(knots))
    points = []
    for angle, reach in zip(t, r, strict=True):
        points.append((centre[0] + 1.15 * reach * np.cos(angle), centre[1] + reach * np.sin(angle)))
        dip = reach * 0.86
        points.append(
            (
                centre[0] + 1.15 * dip * np.cos(angle + np.pi / knots),
                centre[1] + dip * np.sin(angle + np.pi / knots),
            )
        )
    strokes = []
    for _ in range(int(rng.integers(2, 7))):
        a, d = rng.uniform(0, 2 * np.pi), radius * 0.7 * np.sqrt(rng.random())
        x, y, s = centre[0] + d * np.cos(a), centre[1] + d * np.sin(a), radius * 0.09
        strokes.append(
            Stroke(
                open_curve(np.array([(x - s, y), (x, y + 0.7 * s), (x + s, y - 0.2 * s)]), 4),
                1.6,
                soft=0.3,
                ink=0.7,
            )
        )
    return Layer(
        closed_curve(points, 4),
        color,
        round=radius * 0.7,
        line=0.75,
        depth=depth,
        shadow=0.55,
        reach=radius * 0.25,
        texture=Texture(
            "grains", 0.3, float(rng.uniform(0.35, 0.9)), float(rng.uniform(0, 6)), coarse=0.22, hue=0.03
        ),
        strokes=strokes,
    )


def tree(rng: np.random.Generator, foot: tuple[float, float], height: float, depth: float) -> Iterator[Layer]:
    bark = jitter(rng, hsv(rng, (0.05, 0.1), (0.15, 0.45), (0.2, 0.5)))
    top = (foot[0] + rng.normal(0, 0.1) * height, foot[1] - height * 0.75)
    width = height * rng.uniform(0.06, 0.13)
    green = leaf(rng)
    yield from _branches(rng, foot, top, width, bark, depth)
    for _ in range(int(rng.integers(3, 7))):
        at = (top[0] + rng.normal(0, 0.2) * height, top[1] + rng.normal(-0.03, 0.14) * height)
        yield mass(rng, at, height * rng.uniform(0.13, 0.26), jitter(rng, green, 0.1), depth)


def _branches(
    rng: np.random.Generator,
    foot: tuple[float, float],
    top: tuple[float, float],
    width: float,
    bark: Colour,
    depth: float,
) -> Iterator[Layer]:
    grain = Texture("streak", 0.22, 1.2, np.pi / 2, coarse=0.12)
    middle = ((foot[0] + top[0]) / 2 + rng.normal(0, width), (foot[1] + top[1]) / 2)
    for _ in range(int(rng.integers(1, 4))):
        end = (middle[0] + rng.normal(0, 5) * width, middle[1] - rng.uniform(2, 6) * width)
        yield Layer(
            ribbon(
                open_curve(np.array([middle, (0.5 * (middle[0] + end[0]), end[1] + width), end]), 5),
                [width * 0.5, width * 0.2],
            ),
            bark,
            round=width * 0.25,
            texture=grain,
            line=0.8,
            depth=depth,
        )
    trunk = ribbon(open_curve(np.array([foot, middle, top]), 6), [width * 1.4, width, width * 0.6])
    lines = [
        Stroke(
            open_curve(
                np.array(
                    [
                        (foot[0] + o * width, foot[1] - a * width),
                        (middle[0] + o * width * 0.7, middle[1] + rng.uniform(0, 3) * width),
                    ]
                ),
                4,
            ),
            max(1.2, width * 0.05),
            soft=0.3,
            ink=0.7,
        )
        for o, a in zip(rng.uniform(-0.3, 0.3, 3), rng.uniform(0.5, 2, 3), strict=True)
    ]
    yield Layer(
        trunk,
        bark,
        round=width * 0.6,
        texture=grain,
        strokes=lines,
        depth=depth,
        shadow=0.4,
        reach=width * 0.4,
    )


def grass(
    rng: np.random.Generator, size: int, top: float, below: float, sand: bool = False
) -> Iterator[Layer]:
    """A lawn from `top` to `below` (px), with a few drawn tufts."""
    color = jitter(rng, (0.76, 0.68, 0.55), 0.08) if sand else leaf(rng)
    kind = "grit" if sand else "grass"
    strokes = []
    for _ in range(int(rng.integers(5, 22))):
        y = top + (below - top) * rng.uniform(0.08, 1)
        grow = 1.5 + 5 * (y - top) / size
        x = rng.uniform(0, size)
        for lean in rng.normal(0, 0.5, 2):
            strokes.append(
                Stroke(
                    open_curve(
                        np.array(
                            [(x, y), (x + lean * grow, y - grow), (x + 2 * lean * grow, y - 1.6 * grow)]
                        ),
                        3,
                    ),
                    1.5,
                    soft=0.35,
                    ink=0.0 if rng.random() < 0.5 else 0.7,
                    color=scaled(color, 0.6),
                )
            )
    edge = [(-8.0, below + 8), (-8.0, top + rng.normal(0, 3))]
    edge += [(x, top + rng.normal(0, 0.008 * size)) for x in np.linspace(0, size, 6)]
    edge += [(size + 8.0, top), (size + 8.0, below + 8)]
    yield Layer(
        np.array(edge),
        color,
        line=0.8,
        depth=0.5,
        facing=(0, -0.45, 0.9),
        strokes=strokes,
        texture=Texture(
            kind,
            float(rng.uniform(0.12, 0.28)),
            float(rng.uniform(0.4, 0.95)),
            float(rng.normal(0, 0.15)),
            coarse=0.14,
            hue=0.03,
        ),
    )


def bush(
    rng: np.random.Generator, centre: tuple[float, float], radius: float, depth: float
) -> Iterator[Layer]:
    green = leaf(rng)
    for _ in range(int(rng.integers(3, 7))):
        at = (centre[0] + rng.normal(0, 0.7) * radius, centre[1] + rng.normal(0, 0.25) * radius)
        yield mass(rng, at, radius * rng.uniform(0.35, 0.7), jitter(rng, green, 0.12), depth)


def leaves(rng: np.random.Generator, size: int, count: int) -> Iterator[Layer]:
    """Single big leaves close to the camera."""
    green = leaf(rng)
    for _ in range(count):
        x, y, a = rng.uniform(0, size), rng.uniform(0, size), rng.uniform(0, 2 * np.pi)
        length = size * rng.uniform(0.08, 0.3)
        tip = (x + length * np.cos(a), y + length * np.sin(a))
        spine = open_curve(
            np.array([(x, y), ((x + tip[0]) / 2 + rng.normal(0, 0.1) * length, (y + tip[1]) / 2), tip]), 6
        )
        yield Layer(
            ribbon(spine, [0.04 * length, 0.34 * length, 0.3 * length, 0.02 * length]),
            jitter(rng, green, 0.15),
            round=0.2 * length,
            gloss=0.3,
            strokes=[Stroke(spine, max(1.3, 0.02 * length), soft=0.3)],
            shadow=0.5,
            reach=0.08 * length,
            texture=Texture("concrete", 0.08, 0.5),
        )


def dapples(rng: np.random.Generator, size: int, top: float) -> Iterator[Layer]:
    """The shade of trees on the ground, with holes of sun."""
    for _ in range(int(rng.integers(2, 7))):
        y = top + (size - top) * rng.uniform(0.1, 1)
        radius = (0.05 + 0.2 * (y - top) / size) * size * rng.uniform(0.5, 1.3)
        at = (size * rng.random(), y)
        rings = [blob(rng, at, radius, 0.3, 11, 2.2)]
        for _ in range(int(rng.integers(1, 8))):
            hole = (at[0] + rng.normal(0, 0.9) * radius, at[1] + rng.normal(0, 0.35) * radius)
            rings.append(blob(rng, hole, radius * rng.uniform(0.06, 0.2), 0.3, 7, 1.8))
        yield Layer(rings, (0, 0, 0), veil=float(rng.uniform(0.6, 0.85)), reach=1.0 + 0.02 * radius)
