"""Streets: houses in perspective, a road, lamps, parked cars, fences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .colours import cloth, hsv, jitter, scaled, wall
from .layer import Colour, Layer, Mark, Stroke, Texture
from .light import Light
from .shapes import box, closed_curve, ellipse, open_curve, ribbon

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
    """Houses on both sides run to a vanishing point; between them a road with cars and lamps."""
    vanish = np.array([size * rng.uniform(0.2, 0.8), horizon])
    yield from _road(rng, size, vanish)
    for side in (-1, 1):
        if rng.random() >= 0.15:
            yield from _row_of_houses(rng, size, vanish, side, light)
    for _ in range(int(rng.choice([0, 1, 2], p=[0.5, 0.3, 0.2]))):
        length = size * rng.uniform(0.15, 0.6)
        yield from car(rng, (size * rng.random(), horizon + 0.3 * length), length, light)
    if rng.random() < 0.35 or light.night:
        for _ in range(int(rng.integers(1, 4))):
            yield from street_lamp(rng, size, horizon, light)


def _road(rng: np.random.Generator, size: int, vanish: np.ndarray) -> Iterator[Layer]:
    """The ground, and a road that runs to the vanishing point, half of the time with a line in its middle."""
    horizon = vanish[1]
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


def _row_of_houses(
    rng: np.random.Generator, size: int, vanish: np.ndarray, side: int, light: Light
) -> Iterator[Layer]:
    """One to three houses on the right (1) or left (-1) side of the street, the furthest first."""
    horizon = vanish[1]
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


def _toward(vanish: np.ndarray, point: tuple[float, float], t: float) -> np.ndarray:
    """The point between the vanishing point (t = 0) and `point` (t = 1)."""
    return vanish + (np.asarray(point) - vanish) * t


def street_lamp(rng: np.random.Generator, size: int, horizon: float, light: Light) -> Iterator[Layer]:
    """A post with a round lamp, lit by night."""
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


def car(rng: np.random.Generator, foot: tuple[float, float], length: float, light: Light) -> Iterator[Layer]:
    """A car from the side; `foot` is the middle between its wheels on the ground."""
    side = float(rng.choice([-1, 1]))
    cabin, nose = rng.uniform(0.2, 0.3), rng.uniform(0.17, 0.22)

    def at(points: list[tuple[float, float]]) -> np.ndarray:
        return np.array(points) * (side * length, -length) + foot

    hull = [
        (-0.5, 0.1),
        (-0.5, nose),
        (-0.36, nose + 0.03),
        (-0.24, 0.12 + cabin),
        (0.12, 0.12 + cabin),
        (0.27, nose + 0.04),
        (0.47, nose - 0.01),
        (0.5, 0.1),
        (0.4, 0.06),
        (-0.4, 0.06),
    ]
    color = cloth(rng)
    thin = max(length * 0.008, 1.1)
    door = Stroke(open_curve(at([(-0.03, 0.12 + cabin), (-0.04, 0.09)]), 4), thin, taper=False, soft=0.4)
    belt = Stroke(open_curve(at([(-0.45, nose + 0.01), (0.25, nose)]), 4), thin, soft=0.3)
    yield Layer(
        closed_curve(at(hull), 3),
        color,
        round=length * 0.1,
        gloss=0.45,
        sharp=20,
        depth=0.3,
        shadow=0.6,
        reach=length * 0.06,
        strokes=[door, belt],
        texture=Texture("smooth", 0.03, 0.6),
    )
    pane, glow = _glass(rng, light.night)
    for panes in (
        [(-0.3, nose + 0.035), (-0.21, 0.09 + cabin), (-0.05, 0.09 + cabin), (-0.05, nose + 0.035)],
        [(-0.02, nose + 0.035), (-0.02, 0.09 + cabin), (0.1, 0.09 + cabin), (0.2, nose + 0.035)],
    ):
        yield Layer(at(panes), scaled(pane, 0.8), line=0.8, glow=glow, depth=0.3, facing=(0, -0.3, 0.95))
    for x in (-0.31, 0.31):
        hub = at([(x, 0.075)])[0]
        yield Layer(
            ellipse((hub[0], hub[1]), 0.085 * length, 0.085 * length),
            (0.08, 0.08, 0.085),
            round=0.03 * length,
            depth=0.3,
        )
        yield Layer(
            ellipse((hub[0], hub[1]), 0.045 * length, 0.045 * length, 0, 16),
            (0.6, 0.6, 0.62),
            round=0.03 * length,
            line=0.7,
            depth=0.3,
        )


def fence(rng: np.random.Generator, size: int, foot: float) -> Iterator[Layer]:
    """Posts and rails across the picture."""
    color = hsv(rng, (0.05, 0.12), (0.0, 0.4), (0.15, 0.85))
    tall, step = size * rng.uniform(0.1, 0.3), size * rng.uniform(0.06, 0.2)
    thick, slope = max(2.0, size * rng.uniform(0.008, 0.025)), rng.normal(0, 0.1)
    for rail in (0.3, 0.85):
        y = foot - rail * tall
        line = np.array([(-8.0, y), (size / 2, y + slope * size / 2), (size + 8.0, y + slope * size)])
        yield Layer(ribbon(line, [thick]), color, round=thick / 2, line=0.75, depth=0.35, group=70)
    for x in np.arange(rng.uniform(-step, 0), size + step, step):
        y = foot + slope * x
        yield Layer(
            box(x - thick / 2, y - tall, x + thick / 2, y),
            color,
            round=thick / 2,
            line=0.75,
            depth=0.35,
            group=70,
            shadow=0.3,
            reach=thick,
        )
