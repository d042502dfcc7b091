"""Built things: streets with houses in perspective, rooms with walls, windows, tables and lamps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .colours import cloth, hsv, jitter, scaled, wall
from .layer import Colour, Layer, Mark, Stroke, Texture
from .light import Light
from .shapes import box, ellipse, rounded_box

GLASS = ((0.35, 0.42, 0.48), (0.2, 0.25, 0.3), (0.6, 0.68, 0.74))


def _glass(rng: np.random.Generator, night: bool) -> tuple[Colour, float]:
    if night and rng.random() < 0.5:
        return hsv(rng, (0.08, 0.13), (0.3, 0.6), (0.85, 1.0)), 0.95
    return jitter(rng, GLASS[int(rng.integers(len(GLASS)))], 0.1), 0.25


def house(
    rng: np.random.Generator, quad: np.ndarray, facing: tuple[float, float, float], light: Light, depth: float
) -> Iterator[Layer]:
    """A wall over `quad` (top left, top right, bottom right, bottom left; px) with a grid of windows."""
    color = wall(rng)
    kind = str(rng.choice(["concrete", "brick", "grit", "streak"], p=[0.45, 0.25, 0.2, 0.1]))
    height = abs(quad[3, 1] - quad[0, 1])
    yield Layer(
        quad,
        color,
        facing=facing,
        depth=depth,
        texture=Texture(kind, float(rng.uniform(0.05, 0.14)), 0.8),
        shadow=0.4,
        reach=4.0,
    )

    def inside(u: float, v: float) -> np.ndarray:
        top = quad[0] + (quad[1] - quad[0]) * u
        low = quad[3] + (quad[2] - quad[3]) * u
        return top + (low - top) * v

    columns, rows = int(rng.integers(2, 6)), int(rng.integers(2, 6))
    gap_u, gap_v = rng.uniform(0.15, 0.35), rng.uniform(0.2, 0.4)
    frame = scaled(color, 0.75) if rng.random() < 0.5 else (0.88, 0.87, 0.85)
    for row in range(rows):
        for column in range(columns):
            u0, u1 = (column + gap_u) / columns, (column + 1 - gap_u) / columns
            v0, v1 = (row + gap_v) / rows, (row + 1 - gap_v * 0.6) / rows
            corners = np.array([inside(u0, v0), inside(u1, v0), inside(u1, v1), inside(u0, v1)])
            pane, glow = _glass(rng, light.night)
            middle = np.array([inside((u0 + u1) / 2, v0), inside((u0 + u1) / 2, v1)])
            fine = height / rows > 24
            yield Layer(
                corners,
                pane,
                line=0.75 if fine else 0.5,
                facing=(0, -0.2, 0.97),
                glow=glow,
                depth=depth,
                strokes=[Stroke(middle, max(1.5, height / rows * 0.05), taper=False, color=frame, soft=0.8)]
                if fine
                else [],
            )
    for row in range(1, rows):
        if rng.random() < 0.3:
            edge = np.array([inside(0, row / rows), inside(1, row / rows)])
            yield Layer([], color, strokes=[Stroke(edge, 1.3, taper=False, soft=0.3, ink=0.6)])


def street(rng: np.random.Generator, size: int, horizon: float, light: Light) -> Iterator[Layer]:
    """Houses on both sides run to a vanishing point; a road between pavements."""
    vanish = np.array([size * rng.uniform(0.2, 0.8), horizon])
    yield Layer(
        box(-4, horizon, size + 4, size + 4),
        hsv(rng, (0.08, 0.65), (0, 0.08), (0.35, 0.68)),
        line=0.6,
        facing=(0, -0.5, 0.85),
        texture=Texture("concrete", float(rng.uniform(0.04, 0.12)), 0.9),
        depth=0.5,
    )
    left, right = size * rng.uniform(-0.6, 0.25), size * rng.uniform(0.75, 1.6)
    road = np.array([vanish, (right, size + 4), (left, size + 4)])
    paint: list[Mark] = []
    if rng.random() < 0.5:
        middle = (left + right) / 2
        paint.append(
            Mark(
                np.array([vanish, (middle + 0.03 * size, size + 4.0), (middle - 0.03 * size, size + 4.0)]),
                (0.85, 0.84, 0.8),
            )
        )
    yield Layer(
        road,
        hsv(rng, (0.55, 0.7), (0, 0.06), (0.25, 0.5)),
        facing=(0, -0.5, 0.85),
        line=0.8,
        marks=paint,
        depth=0.4,
        texture=Texture("grit", float(rng.uniform(0.05, 0.14)), 0.8),
    )
    for side in (-1, 1):
        if rng.random() < 0.15:
            continue
        base = size * rng.uniform(0.15, 0.5)
        tall = size * rng.uniform(0.5, 1.6)
        near = vanish[0] + side * size * 1.3
        cuts = np.sort(rng.uniform(0.05, 1.0, int(rng.integers(1, 4))))[::-1]
        edges = [*cuts, 0.04]
        for far, close in sorted(zip(edges[1:], edges[:-1], strict=True)):
            lift = tall * rng.uniform(0.7, 1.2)
            quad = np.array(
                [
                    _toward(vanish, (near, horizon - lift), far),
                    _toward(vanish, (near, horizon - lift), close),
                    _toward(vanish, (near, horizon + base), close),
                    _toward(vanish, (near, horizon + base), far),
                ]
            )
            quad = quad if side > 0 else quad[[1, 0, 3, 2]]
            yield from house(rng, quad, (-side * 0.8, 0.0, 0.6), light, 0.9 - 0.4 * float(close))
    if rng.random() < 0.35 or light.night:
        for _ in range(int(rng.integers(1, 4))):
            yield from street_lamp(rng, size, horizon, light)


def _toward(vanish: np.ndarray, point: tuple[float, float], t: float) -> np.ndarray:
    return vanish + (np.asarray(point) - vanish) * t


def street_lamp(rng: np.random.Generator, size: int, horizon: float, light: Light) -> Iterator[Layer]:
    x, tall = size * rng.random(), size * rng.uniform(0.3, 0.7)
    foot = horizon + size * rng.uniform(0.05, 0.25)
    thick = max(2.0, size * 0.012)
    yield Layer(
        box(x - thick / 2, foot - tall, x + thick / 2, foot),
        (0.2, 0.2, 0.21),
        round=thick / 2,
        line=0.8,
        depth=0.4,
    )
    lit = light.night
    r = size * 0.025
    yield Layer(
        ellipse((x, foot - tall), r * 1.2, r),
        (1.0, 0.9, 0.65) if lit else (0.8, 0.8, 0.76),
        round=r,
        line=0.8,
        glow=1.0 if lit else 0.2,
        depth=0.4,
    )


def room(rng: np.random.Generator, size: int, floor: float, light: Light) -> Iterator[Layer]:
    """A back wall, perhaps a side wall, a floor, a window, pictures, a table, a lamp."""
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
    if rng.random() < 0.6:
        yield from window(rng, size, light)
    for _ in range(int(rng.integers(0, 3))):
        x, y, w, h = (
            size * rng.random(),
            size * rng.uniform(0.05, 0.45),
            size * rng.uniform(0.06, 0.16),
            size * rng.uniform(0.06, 0.16),
        )
        yield Layer(box(x - w, y - h, x + w, y + h), cloth(rng), line=0.9, depth=0.75, shadow=0.5, reach=4.0)
        yield Layer(
            box(x - 0.8 * w, y - 0.8 * h, x + 0.8 * w, y + 0.8 * h),
            cloth(rng),
            line=0.5,
            depth=0.75,
            texture=Texture("cloud", 0.2, 0.5),
        )
    if rng.random() < 0.4 and floor < size:
        yield from table(rng, size, floor)
    if rng.random() < 0.35 or light.night:
        yield from lamp(rng, size, light)


def window(rng: np.random.Generator, size: int, light: Light) -> Iterator[Layer]:
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
