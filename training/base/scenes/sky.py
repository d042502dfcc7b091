"""Skies and water: painted gradients with crisp clouds, where the photograph has soft ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from . import noise
from .colours import hsv, mixed, scaled
from .layer import Colour, Layer, Stroke, Texture
from .shapes import box, open_curve


def sky(rng: np.random.Generator, size: int, horizon: float, night: bool = False) -> Iterator[Layer]:
    """From the top of the canvas to `horizon` (px)."""
    top, low, cloud, shade = _sky_colours(rng, night)
    cover = float(rng.normal(0.3, 0.7)) if not night else 1.2
    offset = (float(rng.random()), float(rng.random()))
    scale = size / 256 * float(rng.uniform(0.6, 2.2))
    soft = float(rng.uniform(0.5, 1.1))

    def paint(xs: np.ndarray, ys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        t = np.clip(ys / max(horizon, 1.0), 0, 1)[..., None] ** 0.8
        air = np.asarray(top, np.float32) * (1 - t) + np.asarray(low, np.float32) * t
        air = np.broadcast_to(air, (ys.shape[0], xs.shape[1], 3)).astype(np.float32)
        x0, y0 = float(xs[0, 0]) / noise.BANK_PX, float(ys[0, 0]) / noise.BANK_PX
        field = noise.sample("cloud", xs.shape[1], ys.shape[0], (offset[0] + x0, offset[1] + y0), scale)
        under = noise.sample(
            "cloud", xs.shape[1], ys.shape[0], (offset[0] + x0, offset[1] + y0 - 0.02), scale
        )
        amount = np.clip((field - cover) / soft, 0, 1)[..., None]
        lit = np.clip(0.6 + 0.5 * (field - under), 0, 1)[..., None]
        bright, dark = np.asarray(cloud, np.float32), np.asarray(shade, np.float32)
        photo = air + ((dark + (bright - dark) * lit) - air) * amount
        crisp = 1 / (1 + np.exp(-14 * (field - cover - 0.4 * soft)))[..., None]
        tone = 1 / (1 + np.exp(-14 * (lit - 0.52)))
        drawn = air + ((dark + (bright - dark) * tone) - air) * crisp
        return photo.astype(np.float32), drawn.astype(np.float32)

    yield Layer(box(-4, -4, size + 4, horizon + 4), low, line=0.0, depth=1.0, glow=0.9, paint=paint)


def _sky_colours(rng: np.random.Generator, night: bool) -> tuple[Colour, Colour, Colour, Colour]:
    if night:
        top = hsv(rng, (0.58, 0.68), (0.4, 0.8), (0.04, 0.16))
        return top, mixed(top, (0.3, 0.25, 0.3), 0.4), (0.2, 0.2, 0.26), (0.12, 0.12, 0.18)
    kind = rng.random()
    if kind < 0.5:
        top = hsv(rng, (0.54, 0.62), (0.25, 0.65), (0.55, 0.9))
        return (
            top,
            mixed(top, (0.92, 0.94, 0.96), rng.uniform(0.4, 0.85)),
            (0.97, 0.97, 0.97),
            (0.74, 0.77, 0.83),
        )
    if kind < 0.85:
        grey = hsv(rng, (0.55, 0.65), (0.0, 0.1), (0.65, 0.92))
        return grey, scaled(grey, 1.05), scaled(grey, 1.06), scaled(grey, 0.87)
    top = hsv(rng, (0.58, 0.75), (0.2, 0.5), (0.4, 0.7))
    low = hsv(rng, (0.02, 0.11), (0.3, 0.6), (0.8, 0.97))
    return top, low, mixed(low, (1, 0.9, 0.8), 0.5), mixed(low, top, 0.6)


def water(rng: np.random.Generator, size: int, top: float, below: float) -> Iterator[Layer]:
    """A sea or river from `top` to `below` (px), with streaks of reflected sky."""
    color = hsv(rng, (0.5, 0.62), (0.08, 0.4), (0.35, 0.72))
    strokes = []
    for _ in range(int(rng.integers(3, 12))):
        y = top + (below - top) * rng.random() ** 1.4
        x, reach = rng.uniform(0, size), rng.uniform(0.03, 0.14) * size
        points = np.array([(x - reach, y), (x, y + rng.normal(0, 1.5)), (x + reach, y)])
        strokes.append(Stroke(open_curve(points, 4), size / 110, color=scaled(color, 1.3), soft=0.6))
    yield Layer(
        box(-4, top, size + 4, below + 4),
        color,
        line=0.7,
        depth=0.8,
        facing=(0, -0.6, 0.8),
        strokes=strokes,
        texture=Texture(
            "streak", float(rng.uniform(0.05, 0.11)), float(rng.uniform(0.6, 1.5)), 0.0, coarse=0.07
        ),
    )
