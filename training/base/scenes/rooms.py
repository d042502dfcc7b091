"""Rooms: walls, windows, pictures, shelves, tables, sofas, lamps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .colours import cloth, hsv, jitter, scaled, wall
from .layer import Layer, Stroke, Texture
from .light import Light
from .shapes import box, rounded_box


def room(rng: np.random.Generator, size: int, floor: float, light: Light) -> Iterator[Layer]:
    """Walls and a floor, perhaps a window, pictures and furniture. The floor begins at `floor` (px)."""
    yield from _walls_and_floor(rng, size, floor)
    if rng.random() < 0.6:
        yield from window(rng, size, light)
    for _ in range(int(rng.integers(0, 3))):
        yield from _framed_picture(rng, size)
    has_floor = floor < size
    if rng.random() < 0.25:
        yield from shelf(rng, size)
    if rng.random() < 0.25 and has_floor:
        yield from sofa(rng, size, floor)
    if rng.random() < 0.4 and has_floor:
        yield from table(rng, size, floor)
    if rng.random() < 0.35 or light.night:
        yield from lamp(rng, size, light)


def _walls_and_floor(rng: np.random.Generator, size: int, floor: float) -> Iterator[Layer]:
    """A back wall, the floor where it can be seen, and perhaps a side wall."""
    color = wall(rng)
    kind = str(rng.choice(["concrete", "smooth", "brick"], p=[0.6, 0.3, 0.1]))
    yield Layer(
        box(-4, -4, size + 4, size + 4),
        color,
        line=0.0,
        depth=0.8,
        texture=Texture(kind, float(rng.uniform(0.01, 0.06)), 1.2),
    )
    if floor < size:
        yield Layer(
            box(-4, floor, size + 4, size + 4),
            hsv(rng, (0.04, 0.12), (0.1, 0.55), (0.3, 0.75)),
            facing=(0, -0.6, 0.8),
            line=0.9,
            depth=0.5,
            texture=Texture("streak", float(rng.uniform(0.05, 0.14)), 1.4),
        )
    if rng.random() < 0.4:
        side = float(rng.choice([-1, 1]))
        edge = size * (0.5 + side * rng.uniform(0.15, 0.4))
        outer = size * (0.5 + side * 0.55)
        slope = size * 0.2
        yield Layer(
            np.array([(edge, -4), (outer, -slope - 4), (outer, floor + slope), (edge, floor)]),
            scaled(color, 0.97),
            facing=(-side * 0.75, 0, 0.65),
            depth=0.6,
            texture=Texture(kind, 0.03, 1.2),
        )


def _framed_picture(rng: np.random.Generator, size: int) -> Iterator[Layer]:
    x, y = size * rng.random(), size * rng.uniform(0.05, 0.45)
    w, h = size * rng.uniform(0.06, 0.16), size * rng.uniform(0.06, 0.16)
    yield Layer(box(x - w, y - h, x + w, y + h), cloth(rng), line=0.9, depth=0.75, shadow=0.5, reach=4.0)
    yield Layer(
        box(x - 0.8 * w, y - 0.8 * h, x + 0.8 * w, y + 0.8 * h),
        cloth(rng),
        line=0.5,
        depth=0.75,
        texture=Texture("cloud", 0.2, 0.5),
    )


def window(rng: np.random.Generator, size: int, light: Light) -> Iterator[Layer]:
    """A window with a bar in the middle, bright by day and dark by night, perhaps with curtains."""
    x, y = size * rng.uniform(0.1, 0.9), size * rng.uniform(0.1, 0.4)
    w, h = size * rng.uniform(0.1, 0.25), size * rng.uniform(0.12, 0.3)
    trim = size * 0.02
    outside = hsv(rng, (0.5, 0.62), (0.03, 0.25), (0.88, 1.0)) if not light.night else (0.08, 0.1, 0.18)
    yield Layer(
        box(x - w - trim, y - h - trim, x + w + trim, y + h + trim),
        (0.88, 0.87, 0.85),
        line=0.9,
        depth=0.75,
        shadow=0.3,
        reach=3.0,
    )
    bars = [
        Stroke(np.array([(x, y - h), (x, y + h)]), trim * 0.9, taper=False, color=(0.8, 0.79, 0.77), soft=0.9)
    ]
    yield Layer(
        box(x - w, y - h, x + w, y + h),
        outside,
        line=0.8,
        glow=0.9,
        depth=0.9,
        strokes=bars,
        texture=Texture("cloud", 0.05, 0.8),
    )
    if rng.random() < 0.4:
        fabric = cloth(rng)
        for side in (-1, 1):
            x0, x1 = sorted((x + side * w * 0.55, x + side * (w + 2.5 * trim)))
            yield Layer(
                box(x0, y - h - 2 * trim, x1, y + h * 1.5),
                fabric,
                round=6.0,
                fold=3.0,
                depth=0.7,
                texture=Texture("weave", 0.06, 0.8),
                shadow=0.4,
                reach=5.0,
            )


def table(rng: np.random.Generator, size: int, floor: float) -> Iterator[Layer]:
    """A wooden table seen from a little above."""
    wood = hsv(rng, (0.04, 0.11), (0.2, 0.6), (0.25, 0.7))
    x, w, y = (
        size * rng.uniform(0.1, 0.9),
        size * rng.uniform(0.15, 0.35),
        floor - size * rng.uniform(0.0, 0.12),
    )
    leg = size * 0.02
    for side in (-1, 1):
        at = x + side * w * 0.85
        yield Layer(
            box(at - leg / 2, y, at + leg / 2, y + size * 0.3), scaled(wood, 0.8), round=leg / 2, depth=0.4
        )
    slope = size * 0.05
    top = np.array([(x - w * 0.85, y - slope), (x + w * 0.85, y - slope), (x + w, y), (x - w, y)])
    yield Layer(
        top,
        wood,
        facing=(0, -0.8, 0.5),
        depth=0.4,
        texture=Texture("streak", 0.12, 1.2),
        gloss=0.1,
        shadow=0.6,
        reach=size * 0.03,
    )
    yield Layer(box(x - w, y, x + w, y + size * 0.02), scaled(wood, 0.8), depth=0.4)


def lamp(rng: np.random.Generator, size: int, light: Light) -> Iterator[Layer]:
    """A lamp that hangs from the ceiling, lit by night and half of the time by day."""
    x, y, r = size * rng.random(), size * rng.uniform(0.05, 0.45), size * rng.uniform(0.04, 0.1)
    lit = light.night or rng.random() < 0.5
    shade = hsv(rng, (0.08, 0.13), (0.15, 0.45), (0.9, 1.0)) if lit else cloth(rng)
    yield Layer(rounded_box(x - r * 0.08, -4, x + r * 0.08, y, 1), (0.15, 0.15, 0.15), line=0.6, depth=0.5)
    yield Layer(
        np.array(
            [
                (x - 0.5 * r, y - r * 0.6),
                (x + 0.5 * r, y - r * 0.6),
                (x + r, y + r * 0.6),
                (x - r, y + r * 0.6),
            ]
        ),
        shade,
        round=r * 0.5,
        glow=0.95 if lit else 0.0,
        depth=0.5,
    )


def shelf(rng: np.random.Generator, size: int) -> Iterator[Layer]:
    """Boards with books on them."""
    wood = hsv(rng, (0.04, 0.11), (0.1, 0.5), (0.25, 0.8))
    x0, wide = size * rng.uniform(-0.1, 0.7), size * rng.uniform(0.25, 0.6)
    y0, gap = size * rng.uniform(0.0, 0.2), size * rng.uniform(0.12, 0.22)
    thick = max(2.0, gap * 0.1)
    for board in range(int(rng.integers(1, 4))):
        y = y0 + (board + 1) * gap
        x = x0 + thick
        while x < x0 + wide - 0.1 * gap:
            broad = gap * rng.uniform(0.08, 0.25)
            if rng.random() < 0.85:
                top = y - gap * rng.uniform(0.5, 0.85)
                yield Layer(
                    box(x, top, x + broad, y),
                    cloth(rng),
                    line=0.7,
                    round=2.0,
                    depth=0.7,
                    texture=Texture("grit", 0.04),
                )
            x += broad
        yield Layer(
            box(x0, y, x0 + wide, y + thick),
            wood,
            line=0.9,
            depth=0.7,
            shadow=0.5,
            reach=thick,
            texture=Texture("streak", 0.08),
        )


def sofa(rng: np.random.Generator, size: int, floor: float) -> Iterator[Layer]:
    """Back, seat and arms: soft boxes."""
    color = cloth(rng)
    x, wide, tall = (
        size * rng.uniform(0.1, 0.9),
        size * rng.uniform(0.25, 0.5),
        size * rng.uniform(0.12, 0.25),
    )
    y = floor + size * rng.uniform(0.0, 0.1)
    grain = Texture("weave", 0.06, 0.8)
    soft = 0.25 * tall
    for a, b, c, d in (
        (-1.0, -2.0, 1.0, -0.4),
        (-0.85, -1.0, 0.0, 0.0),
        (0.0, -1.0, 0.85, 0.0),
        (-1.15, -1.3, -0.8, 0.1),
        (0.8, -1.3, 1.15, 0.1),
    ):
        cushion = rounded_box(x + a * wide, y + b * tall, x + c * wide, y + d * tall, soft)
        yield Layer(
            cushion,
            jitter(rng, color, 0.03),
            round=1.5 * soft,
            fold=0.06 * tall,
            depth=0.5,
            texture=grain,
            shadow=0.5,
            reach=0.15 * tall,
        )
