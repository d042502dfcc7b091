"""Things: turned objects (cups, bottles), balls, soft random shapes, strands."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .colours import cloth, hsv, scaled
from .layer import Layer, Mark, Stroke, Texture
from .shapes import blob, ellipse, lathe, open_curve, ribbon

TEXTURES = ("weave", "concrete", "grit", "streak", "grains")


def ball(rng: np.random.Generator, centre: tuple[float, float], radius: float) -> Layer:
    """A plain ball, or a football with its pentagons turned at random."""
    football = rng.random() < 0.6
    color = hsv(rng, (0, 1), (0, 0.06), (0.8, 0.93)) if football else cloth(rng)
    marks = list(_pentagons(rng, centre, radius)) if football and radius > 5 else []
    return Layer(
        ellipse(centre, radius, radius, 0, 36),
        color,
        round=radius,
        gloss=0.3,
        sharp=18,
        marks=marks,
        shadow=0.6,
        reach=radius * 0.3,
        texture=Texture("concrete", 0.05, 0.4),
    )


def _pentagons(rng: np.random.Generator, centre: tuple[float, float], radius: float) -> Iterator[Mark]:
    """The twelve dark patches stand at the vertices of an icosahedron."""
    phi = (1 + 5**0.5) / 2
    axes = np.array([(0, a, b * phi) for a in (-1, 1) for b in (-1, 1)])
    vertices = np.vstack([axes, axes[:, [2, 0, 1]], axes[:, [1, 2, 0]]]) / np.hypot(1, phi)
    turn, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    vertices = vertices @ turn
    dark = hsv(rng, (0, 1), (0, 0.5), (0.05, 0.2))
    for v in vertices:
        if v[2] < -0.1:
            continue
        u = np.cross(v, (0.3, 0.9, 0.2))
        u /= np.linalg.norm(u)
        w = np.cross(v, u)
        t = np.linspace(0, 2 * np.pi, 5, endpoint=False)[:, None]
        patch = 0.93 * v + 0.36 * (np.cos(t) * u + np.sin(t) * w)
        patch /= np.linalg.norm(patch, axis=1, keepdims=True)
        yield Mark(patch[:, :2] * radius + centre, dark)


def vessel(rng: np.random.Generator, centre: tuple[float, float], scale: float) -> Iterator[Layer]:
    """A cup, a bottle or a vase, with its rim."""
    color = cloth(rng)
    kind = rng.random()
    if kind < 0.4:
        profile = [(0.5, -0.5), (0.48, 0.0), (0.4, 0.42), (0.3, 0.5)]
    elif kind < 0.75:
        profile = [(0.12, -1.0), (0.12, -0.6), (0.32, -0.25), (0.34, 0.2), (0.33, 0.5)]
    else:
        radii = rng.uniform(0.15, 0.55, 5)
        profile = list(zip(radii.tolist(), np.linspace(-0.9, 0.5, 5).tolist(), strict=True))
    body = lathe(profile, centre, scale)
    if kind < 0.4 and rng.random() < 0.6:
        side = float(rng.choice([-1, 1]))
        grip = np.array([(0.45, -0.3), (0.75, -0.25), (0.72, 0.15), (0.4, 0.25)]) * (side, 1) * scale + centre
        yield Layer(
            ribbon(open_curve(grip, 6), [0.1 * scale]),
            color,
            round=0.05 * scale,
            group=60,
            shadow=0.4,
            reach=0.1 * scale,
        )
    yield Layer(
        body,
        color,
        round=max(0.3 * scale, 2),
        gloss=float(rng.uniform(0.1, 0.6)),
        group=60,
        shadow=0.6,
        reach=0.18 * scale,
        texture=Texture("concrete", 0.04, 0.6),
    )
    top, rim = profile[0][1], profile[0][0]
    yield Layer(
        ellipse((centre[0], centre[1] + top * scale), rim * scale, rim * scale * 0.28),
        scaled(color, 0.55),
        line=0.9,
        facing=(0, 0.3, 0.9),
    )


def strand(rng: np.random.Generator, size: int) -> Layer:
    knots = rng.uniform(-0.1, 1.1, (4, 2)) * size
    width = size * rng.uniform(0.008, 0.05)
    return Layer(
        ribbon(open_curve(knots, 10), [width * 0.6, width, width * 0.5], cap=True),
        cloth(rng),
        round=width * 0.5,
        shadow=0.5,
        reach=width,
        gloss=0.2,
    )


def lump(rng: np.random.Generator, centre: tuple[float, float], radius: float) -> Layer:
    """A soft random shape of any stuff."""
    strokes = []
    for _ in range(int(rng.integers(0, 4))):
        start = np.asarray(centre) + rng.normal(0, 0.35, 2) * radius
        points = start + np.cumsum(rng.normal(0, 0.25, (3, 2)) * radius, axis=0)
        strokes.append(Stroke(open_curve(points, 5), max(1.2, radius * 0.03), soft=0.35))
    return Layer(
        blob(rng, centre, radius, 0.22, int(rng.integers(5, 11))),
        cloth(rng),
        round=radius * float(rng.uniform(0.3, 0.9)),
        fold=radius * float(rng.uniform(0, 0.05)),
        gloss=float(rng.choice([0.0, 0.35])),
        strokes=strokes,
        texture=Texture(
            str(rng.choice(TEXTURES)),
            float(rng.uniform(0.03, 0.2)),
            float(rng.uniform(0.4, 1.2)),
            float(rng.uniform(0, 3)),
        ),
        shadow=0.55,
        reach=radius * 0.2,
    )


def carton(rng: np.random.Generator, centre: tuple[float, float], scale: float) -> Iterator[Layer]:
    """A box in perspective: three visible faces."""
    color = cloth(rng)
    x, y = centre
    w, h, d = scale * rng.uniform(0.4, 1), scale * rng.uniform(0.4, 1.2), scale * rng.uniform(0.2, 0.5)
    side = float(rng.choice([-1, 1]))
    far = np.array([side * d, -0.5 * d])
    a, b, c, e = np.array([(x - w, y - h), (x + w, y - h), (x + w, y + h), (x - w, y + h)]) / 1.0
    near, hidden = (b, c) if side > 0 else (a, e)
    grain = Texture(str(rng.choice(["concrete", "streak", "grit"])), 0.07, 0.8)
    yield Layer(
        np.array([a, b, c, e]),
        color,
        facing=(0, 0.1, 0.99),
        texture=grain,
        shadow=0.6,
        reach=0.2 * scale,
        round=2.0,
    )
    yield Layer(
        np.array([near, near + far, hidden + far, hidden]), color, facing=(side * 0.95, 0, 0.3), texture=grain
    )
    yield Layer(np.array([a, b, b + far, a + far]), color, facing=(0, -0.95, 0.3), texture=grain)


def heap(rng: np.random.Generator, size: int, count: int) -> Iterator[Layer]:
    """Things side by side and over one another."""
    for _ in range(count):
        at = (float(rng.uniform(0, size)), float(rng.uniform(0.25, 1) * size))
        scale = size * float(min(0.05 + rng.pareto(2.2) * 0.12, 0.4))
        kind = rng.random()
        if kind < 0.3:
            yield from vessel(rng, at, scale * 1.2)
        elif kind < 0.42:
            yield ball(rng, at, scale)
        elif kind < 0.6:
            yield from carton(rng, at, scale)
        elif kind < 0.7:
            yield strand(rng, size)
        else:
            yield lump(rng, at, scale)
