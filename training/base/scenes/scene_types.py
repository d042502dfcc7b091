"""Types of scenes: a background, and the people or things in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from .animals import animal
from .colours import cloth, hsv, wall
from .figure import person
from .foliage import bush, dapples, grass, leaves, tree
from .layer import Colour, Layer, Texture
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


LIKE_SHARE = 0.35
"""Share of subjects in nearly the colour of what is behind them: their outline has to be drawn where the photograph
hardly shows one."""


def people(
    rng: np.random.Generator, size: int, ground: float, behind: Colour | None = None
) -> Iterator[Layer]:
    """Persons at one of the distances of film: close-up, bust, half, whole, a group of small faces, a crowd.

    `behind` is the colour of a plain background; some wear nearly that.
    """
    shot = rng.choice(
        ["close", "bust", "half", "whole", "group", "crowd", "detail"],
        p=[0.25, 0.23, 0.16, 0.13, 0.11, 0.08, 0.04],
    )
    x = size * float(rng.uniform(0.25, 0.75))
    like = behind if behind is not None and rng.random() < LIKE_SHARE else None
    match shot:
        case "close":
            height = size * rng.uniform(0.55, 1.1)
            yield from person(rng, (x, size * rng.uniform(0.35, 0.62)), height, like=like)
        case "bust":
            height = size * rng.uniform(0.27, 0.5)
            yield from person(rng, (x, size * rng.uniform(0.22, 0.5)), height, like=like)
        case "group":
            height = size * rng.uniform(0.12, 0.24)
            count = int(rng.integers(2, 6))
            for place in rng.permutation(count):
                at = (place + rng.uniform(0.2, 0.8)) * size / count
                tall = height * rng.uniform(0.85, 1.15)
                yield from person(rng, (at, size * rng.uniform(0.2, 0.55)), tall, like=like)
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
    colour = wall(rng)
    yield Layer(
        box(-4, -4, size + 4, size + 4),
        colour,
        line=0.0,
        depth=float(rng.uniform(0.3, 1)),
        texture=Texture(kind, float(rng.uniform(0.01, 0.1)), float(rng.uniform(0.5, 2))),
    )
    if rng.random() < 0.75:
        yield from people(rng, size, size * 0.8, colour)
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


def pets(rng: np.random.Generator, size: int, light: Light) -> Iterator[Layer]:
    """Animals on a floor before a wall, or on grass; many in nearly the colour of the floor."""
    edge = size * float(rng.uniform(0.1, 0.6))
    floor = hsv(rng, (0.04, 0.14), (0.02, 0.35), (0.45, 0.95))
    if rng.random() < 0.6:
        kinds = [str(kind) for kind in rng.choice(["concrete", "streak", "weave", "smooth"], 2)]
        grains = [Texture(kind, float(rng.uniform(0.01, 0.1)), 1.2) for kind in kinds]
        yield Layer(box(-4, -4, size + 4, edge + 4), wall(rng), line=0.0, depth=0.8, texture=grains[0])
        ground = box(-4, edge, size + 4, size + 4)
        yield Layer(ground, floor, facing=(0, -0.6, 0.8), line=0.9, depth=0.4, texture=grains[1])
    else:
        yield from sky(rng, size, edge + size * 0.1, light.night)
        yield from grass(rng, size, edge, size, sand=rng.random() < 0.3)
    for _ in range(int(rng.integers(1, 3))):
        length = size * float(rng.uniform(0.2, 0.65))
        feet = (size * float(rng.uniform(0.2, 0.8)), edge + size * float(rng.uniform(0.2, 0.5)))
        yield from animal(rng, feet, length, floor if rng.random() < LIKE_SHARE else None)


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
    SceneType("pets", "indoors", pets),
)
SHARES = (0.17, 0.12, 0.15, 0.09, 0.19, 0.06, 0.05, 0.07, 0.04, 0.06)
