"""Four-legged animals from the side: dogs, cats, horses and cows, by their proportions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .colours import hsv, jitter, scaled
from .layer import Colour, Layer, Mark, Stroke, Texture
from .shapes import Point, blob, closed_curve, ellipse, open_curve, place, ribbon

FUR_GROUP = 70
DARK = (0.05, 0.04, 0.04)
PALE_SHARE, PATCHED_SHARE = 0.45, 0.35
LEAST_EYE_PX = 2.2


@dataclass(frozen=True)
class Build:
    """Proportions of an animal that looks to the right and whose body is 1 long; y points down.

    Attributes:
        tall: height of the body.
        legs: length of the legs, and their width.
        neck: from the front of the body to the middle of the head.
        head: half the length and half the height of the head.
        ear: from the top of the head to the tip of an ear.
        tail: from the back of the body to the tip of the tail, and its width.
    """

    tall: float
    legs: tuple[float, float]
    neck: Point
    head: tuple[float, float]
    ear: Point
    tail: tuple[float, float, float]


BUILDS = (
    Build(0.42, (0.42, 0.06), (0.1, -0.36), (0.19, 0.14), (-0.1, 0.2), (-0.25, -0.25, 0.07)),
    Build(0.4, (0.3, 0.05), (0.06, -0.3), (0.15, 0.14), (-0.02, -0.15), (-0.25, -0.45, 0.07)),
    Build(0.42, (0.65, 0.05), (0.2, -0.5), (0.22, 0.1), (-0.05, -0.13), (-0.12, 0.45, 0.1)),
    Build(0.5, (0.45, 0.06), (0.2, -0.18), (0.2, 0.13), (-0.12, 0.03), (-0.04, 0.5, 0.04)),
)


@dataclass(frozen=True)
class Animal:
    """One animal: `middle` and `length` of its body in canvas px; `way` is 1 if it looks to the right, else -1."""

    build: Build
    middle: Point
    length: float
    way: float
    coat: Colour
    fur: Texture

    def at(self, points: Sequence[Point] | np.ndarray) -> np.ndarray:
        """Points of the animal's frame, in canvas px."""
        return place(np.asarray(points, float) * (self.way, 1), self.middle, self.length)

    def limb(self, points: Sequence[Point], widths: Sequence[float]) -> np.ndarray:
        """The outline of a leg or a tail through `points`, with full `widths` spread along it."""
        return ribbon(self.at(open_curve(points, 5)), np.asarray(widths) * self.length, cap=True)

    def part(self, outline: np.ndarray, rounding: float, shade: float = 1.0, group: int = FUR_GROUP) -> Layer:
        """A furry part whose edge is rounded over `rounding` lengths; `shade` darkens it."""
        return Layer(
            outline,
            scaled(self.coat, shade),
            round=rounding * self.length,
            group=group,
            shadow=0.45,
            reach=0.08 * self.length,
            texture=self.fur,
        )


def animal(
    rng: np.random.Generator, feet: Point, length: float, like: Colour | None = None
) -> Iterator[Layer]:
    """All layers of one animal, back to front.

    Args:
        feet: the point on the ground below its body, canvas px.
        length: of its body, px.
        like: the colour of what is behind, which its coat nearly has; None for any coat.
    """
    build = BUILDS[int(rng.integers(len(BUILDS)))]
    one = Animal(
        build,
        (feet[0], feet[1] - (build.legs[0] + 0.35 * build.tall) * length),
        length,
        float(rng.choice([-1, 1])),
        _coat(rng) if like is None else jitter(rng, like, 0.04),
        Texture("grit", float(rng.uniform(0.05, 0.16)), min(1.4, length / 120 + 0.4)),
    )
    dx, dy, wide = build.tail
    tail = [(-0.44, -0.12), (-0.5 + 0.5 * dx, -0.12 + 0.3 * dy), (-0.5 + dx, -0.12 + dy)]
    yield one.part(one.limb(tail, [1.2 * wide, wide, 0.6 * wide]), 0.03)
    for far, x in ((True, -0.28), (True, 0.27), (False, -0.38), (False, 0.36)):
        yield one.part(_leg(rng, one, x), 0.06, 0.82 if far else 1.0, FUR_GROUP + far)
    yield _body(rng, one)
    yield from _head(one)


def _coat(rng: np.random.Generator) -> Colour:
    if rng.random() < PALE_SHARE:
        return hsv(rng, (0.06, 0.13), (0.02, 0.25), (0.75, 0.97))
    return hsv(rng, (0.03, 0.12), (0.1, 0.65), (0.1, 0.7))


def _leg(rng: np.random.Generator, one: Animal, x: float) -> np.ndarray:
    tall, wide = one.build.legs
    swing = float(rng.normal(0, 0.07))
    line = [
        (x, 0.0),
        (x + 0.03, 0.25 * one.build.tall + 0.4 * tall),
        (x + swing, 0.35 * one.build.tall + tall),
    ]
    return one.limb(line, [3.2 * wide, 1.8 * wide, 1.3 * wide, 1.7 * wide])


def _body(rng: np.random.Generator, one: Animal) -> Layer:
    back, belly = 0.5 * one.build.tall, one.build.tall * float(rng.uniform(0.4, 0.52))
    shape: list[Point] = [(-0.5, -0.1), (-0.38, -back), (0.0, -0.9 * back), (0.4, -back)]
    shape += [(0.54, -0.08), (0.42, belly), (0.0, 0.85 * belly), (-0.4, belly)]
    layer = one.part(one.at(closed_curve(shape, 5)), 0.24)
    if rng.random() < PATCHED_SHARE:
        colour = hsv(rng, (0.03, 0.1), (0.2, 0.6), (0.08, 0.5))
        spots = [blob(rng, (x, float(rng.uniform(-0.1, 0.05))), 0.1) for x in rng.uniform(-0.35, 0.35, 3)]
        return replace(layer, marks=[Mark(one.at(spot), colour) for spot in spots])
    return layer


def _head(one: Animal) -> Iterator[Layer]:
    """Neck, far ear, head with muzzle, near ear; eye, nose and mouth."""
    half, tall = one.build.head
    x, y = 0.48 + one.build.neck[0], -0.1 + one.build.neck[1]
    neck = [(0.36, 0.0), (0.5 * (0.4 + x), 0.5 * (y - 0.08)), (x, y)]
    yield one.part(one.limb(neck, [1.05 * one.build.tall, 1.9 * tall, 1.7 * tall]), 0.14)
    yield one.part(_ear(one, x - 0.02, y), 0.03, 0.85, 0)
    face: list[Point] = [
        (x - 0.8 * half, y - 0.4 * tall),
        (x - 0.2 * half, y - tall),
        (x + 0.5 * half, y - 0.5 * tall),
    ]
    face += [
        (x + 1.35 * half, y + 0.05 * tall),
        (x + 1.3 * half, y + 0.6 * tall),
        (x + 0.2 * half, y + 0.85 * tall),
    ]
    face += [(x - 0.7 * half, y + 0.6 * tall)]
    yield one.part(one.at(closed_curve(face, 5)), 0.1)
    yield one.part(_ear(one, x - 0.3 * half, y), 0.03, 0.92, FUR_GROUP + 2)
    nose, eye = one.at([(x + 1.3 * half, y + 0.15 * tall), (x + 0.2 * half, y - 0.2 * tall)])
    fine = max(0.012 * one.length, 1.2)
    lip = one.at(
        open_curve(
            [
                (x + 1.25 * half, y + 0.5 * tall),
                (x + 0.8 * half, y + 0.5 * tall),
                (x + 0.45 * half, y + 0.4 * tall),
            ],
            4,
        )
    )
    yield Layer([], DARK, strokes=[Stroke(lip, fine, soft=0.4)])
    for (a, b), size in ((nose, 0.28 * tall), (eye, 0.2 * tall)):
        radius = max(size * one.length, LEAST_EYE_PX)
        yield Layer(
            ellipse((float(a), float(b)), radius, radius, 0, 14), DARK, round=radius, line=0.6, gloss=0.5
        )


def _ear(one: Animal, x: float, y: float) -> np.ndarray:
    half, tall = one.build.head
    dx, dy = one.build.ear
    root = (x - 0.3 * half, y - 0.7 * tall)
    tip = (root[0] + dx, root[1] + dy)
    wide = 0.45 * half
    bulge = (0.5 * (root[0] + tip[0]) - 0.6 * wide, 0.5 * (root[1] + tip[1]))
    return one.at(
        closed_curve([(root[0] + wide, root[1]), tip, bulge, (root[0] - wide, root[1] + 0.1 * tall)], 4)
    )
