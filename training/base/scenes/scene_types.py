"""Types of scenes: a background, and the people or things in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from .colours import cloth, wall
from .figure import person
from .foliage import bush, dapples, grass, leaves, tree
from .layer import Layer, Texture
from .light import Light
from .objects import ball, heap
from .rooms import room
from .shapes import box
from .sky import sky, water
from .streets import fence, street

Layers = Callable[[np.random.Generator, int, Light], Iterator[Layer]]


@dataclass(frozen=True)
class SceneType:
    """A type of scene: `place` (outdoors, indoors, night) decides its light."""

    name: str
    place: str
    layers: Layers


def people(rng: np.random.Generator, size: int, ground: float) -> Iterator[Layer]:
    """One to three persons at one of the distances of film: close-up, bust, half, whole."""
    shot = rng.choice(
        ["close", "bust", "half", "whole", "crowd", "detail"], p=[0.27, 0.25, 0.17, 0.15, 0.11, 0.05]
    )
    x = size * float(rng.uniform(0.25, 0.75))
    match shot:
        case "close":
            height = size * rng.uniform(0.55, 1.1)
            yield from person(rng, (x, size * rng.uniform(0.35, 0.62)), height)
        case "bust":
            height = size * rng.uniform(0.27, 0.5)
            yield from person(rng, (x, size * rng.uniform(0.22, 0.5)), height)
        case "half":
            height = size * rng.uniform(0.15, 0.25)
            yield from person(rng, (x, size * rng.uniform(0.12, 0.4)), height)
        case "whole":
            height = size * rng.uniform(0.065, 0.13)
            feet = max(ground, size * 0.6) + size * rng.uniform(0.05, 0.35)
            yield from person(rng, (x, feet - 7.0 * height), height)
            if rng.random() < 0.5:
                yield ball(rng, (x + size * rng.uniform(-0.25, 0.25), feet - 0.3 * height), 0.5 * height)
        case "crowd":
            for _ in range(int(rng.integers(2, 4))):
                height = size * rng.uniform(0.06, 0.3)
                yield from person(rng, (size * rng.random(), size * rng.uniform(0.15, 0.5)), height)
        case _:
            height = size * rng.uniform(0.3, 0.7)
            yield from person(rng, (x, -height * rng.uniform(0.2, 3.5)), height)


def park(rng: np.random.Generator, size: int, light: Light) -> Iterator[Layer]:
    horizon = size * float(rng.uniform(0.2, 0.65))
    yield from sky(rng, size, horizon + size * 0.1, light.night)
    for _ in range(int(rng.integers(1, 4))):
        yield from bush(rng, (size * rng.random(), horizon), size * rng.uniform(0.1, 0.22), 0.8)
    yield from grass(rng, size, horizon, size)
    if rng.random() < 0.45 and not light.night:
        yield from dapples(rng, size, horizon)
    for _ in range(int(rng.integers(0, 3))):
        foot = (size * rng.random(), horizon + size * rng.uniform(0.02, 0.3))
        yield from tree(rng, foot, size * rng.uniform(0.5, 1.1), 0.6)
    if rng.random() < 0.2:
        yield from fence(rng, size, horizon + size * rng.uniform(0.0, 0.3))
    if rng.random() < 0.75:
        yield from people(rng, size, horizon)


def town(rng: np.random.Generator, size: int, light: Light) -> Iterator[Layer]:
    horizon = size * float(rng.uniform(0.3, 0.65))
    yield from sky(rng, size, horizon, light.night)
    yield from street(rng, size, horizon, light)
    if rng.random() < 0.4:
        yield from tree(rng, (size * rng.random(), horizon + size * 0.15), size * rng.uniform(0.4, 0.8), 0.5)
    if rng.random() < 0.7:
        yield from people(rng, size, horizon)


def indoors(rng: np.random.Generator, size: int, light: Light) -> Iterator[Layer]:
    floor = size * float(rng.uniform(0.55, 1.1))
    yield from room(rng, size, floor, light)
    if rng.random() < 0.7:
        yield from people(rng, size, floor)
    else:
        yield from heap(rng, size, int(rng.integers(2, 7)))


def coast(rng: np.random.Generator, size: int, light: Light) -> Iterator[Layer]:
    horizon = size * float(rng.uniform(0.25, 0.7))
    yield from sky(rng, size, horizon, light.night)
    shore = horizon + size * float(rng.uniform(0.1, 0.6))
    yield from water(rng, size, horizon, shore + size * 0.1)
    if shore < size:
        yield from grass(rng, size, shore, size, sand=rng.random() < 0.6)
    if rng.random() < 0.6:
        yield from people(rng, size, shore)


def backdrop(rng: np.random.Generator, size: int, light: Light) -> Iterator[Layer]:
    """A plain wall or a blurred colour: large smooth areas."""
    kind = str(rng.choice(["concrete", "smooth", "grit", "weave"]))
    yield Layer(
        box(-4, -4, size + 4, size + 4),
        wall(rng),
        line=0.0,
        depth=float(rng.uniform(0.3, 1)),
        texture=Texture(kind, float(rng.uniform(0.01, 0.1)), float(rng.uniform(0.5, 2))),
    )
    if rng.random() < 0.75:
        yield from people(rng, size, size * 0.8)
    else:
        yield from heap(rng, size, int(rng.integers(2, 9)))


def still_life(rng: np.random.Generator, size: int, light: Light) -> Iterator[Layer]:
    edge = size * float(rng.uniform(0.25, 0.6))
    yield Layer(
        box(-4, -4, size + 4, edge + 4), wall(rng), line=0.0, depth=0.8, texture=Texture("concrete", 0.04)
    )
    yield Layer(
        box(-4, edge, size + 4, size + 4),
        cloth(rng),
        facing=(0, -0.5, 0.85),
        depth=0.2,
        texture=Texture(str(rng.choice(["streak", "concrete", "weave"])), 0.1, 1.0),
    )
    yield from heap(rng, size, int(rng.integers(3, 12)))


def greenery(rng: np.random.Generator, size: int, light: Light) -> Iterator[Layer]:
    yield from sky(rng, size, size, light.night)
    for _ in range(int(rng.integers(2, 5))):
        yield from bush(
            rng, (size * rng.random(), size * rng.uniform(0.2, 1)), size * rng.uniform(0.15, 0.35), 0.5
        )
    if rng.random() < 0.5:
        yield from leaves(rng, size, int(rng.integers(3, 14)))


SCENE_TYPES = (
    SceneType("park", "outdoors", park),
    SceneType("town", "outdoors", town),
    SceneType("indoors", "indoors", indoors),
    SceneType("coast", "outdoors", coast),
    SceneType("backdrop", "indoors", backdrop),
    SceneType("still life", "indoors", still_life),
    SceneType("greenery", "outdoors", greenery),
    SceneType("night town", "night", town),
    SceneType("night room", "night", indoors),
)
SHARES = (0.2, 0.13, 0.17, 0.1, 0.17, 0.08, 0.06, 0.06, 0.03)
