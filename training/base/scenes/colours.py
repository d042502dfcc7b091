"""Colours as footage has them: skins, hair, clothes, walls; display-referred sRGB."""

from __future__ import annotations

import colorsys

import numpy as np

from .layer import Colour

SKINS = (
    (0.96, 0.82, 0.73),
    (0.93, 0.75, 0.64),
    (0.87, 0.68, 0.55),
    (0.80, 0.60, 0.46),
    (0.70, 0.50, 0.37),
    (0.58, 0.40, 0.29),
    (0.45, 0.30, 0.22),
    (0.34, 0.23, 0.17),
)
HAIRS = (
    (0.07, 0.06, 0.06),
    (0.10, 0.08, 0.07),
    (0.17, 0.11, 0.08),
    (0.28, 0.18, 0.12),
    (0.42, 0.28, 0.17),
    (0.60, 0.45, 0.28),
    (0.76, 0.63, 0.43),
    (0.48, 0.22, 0.12),
    (0.62, 0.61, 0.60),
)
IRISES = ((0.22, 0.13, 0.08), (0.32, 0.20, 0.11), (0.25, 0.36, 0.48), (0.30, 0.40, 0.30), (0.16, 0.10, 0.07))


def jitter(rng: np.random.Generator, color: Colour, amount: float = 0.04) -> Colour:
    level = 1 + rng.normal(0, amount)
    r, g, b = (float(np.clip(c * (level + rng.normal(0, amount * 0.5)), 0.01, 0.98)) for c in color)
    return r, g, b


def one_of(rng: np.random.Generator, colors: tuple[Colour, ...], amount: float = 0.04) -> Colour:
    return jitter(rng, colors[int(rng.integers(len(colors)))], amount)


def scaled(color: Colour, factor: float | Colour) -> Colour:
    f = (factor,) * 3 if isinstance(factor, int | float) else factor
    r, g, b = (float(np.clip(c * k, 0, 1)) for c, k in zip(color, f, strict=True))
    return r, g, b


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    r, g, b = (float(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return r, g, b


def hsv(
    rng: np.random.Generator, hue: tuple[float, float], sat: tuple[float, float], val: tuple[float, float]
) -> Colour:
    """A colour from ranges of hue (turns, may wrap), saturation and value."""
    return colorsys.hsv_to_rgb(rng.uniform(*hue) % 1.0, rng.uniform(*sat), rng.uniform(*val))


def cloth(rng: np.random.Generator) -> Colour:
    """Clothes: many dark, pale and muted ones, some bright."""
    kind = rng.random()
    if kind < 0.22:
        return hsv(rng, (0, 1), (0.0, 0.25), (0.06, 0.22))
    if kind < 0.42:
        return hsv(rng, (0, 1), (0.0, 0.12), (0.72, 0.95))
    if kind < 0.58:
        return hsv(rng, (0.55, 0.68), (0.25, 0.7), (0.2, 0.6))
    if kind < 0.8:
        return hsv(rng, (0, 1), (0.15, 0.45), (0.3, 0.75))
    return hsv(rng, (0, 1), (0.5, 0.9), (0.45, 0.9))


def wall(rng: np.random.Generator) -> Colour:
    if rng.random() < 0.65:
        return hsv(rng, (0.02, 0.16), (0.0, 0.2), (0.5, 0.93))
    return hsv(rng, (0, 1), (0.05, 0.4), (0.25, 0.85))


def leaf(rng: np.random.Generator) -> Colour:
    if rng.random() < 0.12:
        return hsv(rng, (0.05, 0.14), (0.4, 0.75), (0.35, 0.65))
    return hsv(rng, (0.19, 0.34), (0.3, 0.65), (0.25, 0.55))
