"""The light of a scene: one key, a sky or room that fills the shadows, and how it falls off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Light:
    """`direction` points to the key (x right, y down, z to the viewer; unit length).

    `ambient` is the share of light that shadows get; colours are RGB factors near 1; `falloff` is the
    standard deviation of the slow unevenness over the picture; `night` means lamps matter.
    """

    direction: tuple[float, float, float]
    ambient: float
    key: tuple[float, float, float]
    fill: tuple[float, float, float]
    falloff: float
    night: bool = False


def _from(x: float, y: float, z: float) -> tuple[float, float, float]:
    v = np.array([x, y, z])
    v /= np.linalg.norm(v)
    return float(v[0]), float(v[1]), float(v[2])


def daylight(rng: np.random.Generator) -> Light:
    """Sun at any height, or an overcast sky."""
    side = float(rng.choice([-1, 1])) * rng.uniform(0.2, 1.0)
    if rng.random() < 0.4:
        return Light(
            _from(side * 0.6, -0.9, 0.8), rng.uniform(0.55, 0.72), (1, 1, 1), (0.98, 1.0, 1.03), 0.04
        )
    warm = rng.uniform(0, 0.06)
    ambient = rng.uniform(0.32, 0.5)
    return Light(
        _from(side, -rng.uniform(0.4, 1.2), rng.uniform(0.35, 0.9)),
        ambient,
        (1 + warm, 1.0, 1 - warm),
        (0.93, 0.99, 1.08),
        0.05,
    )


def indoors(rng: np.random.Generator) -> Light:
    side = float(rng.choice([-1, 1])) * rng.uniform(0.3, 1.2)
    warm = rng.uniform(-0.03, 0.07)
    return Light(
        _from(side, -rng.uniform(0.1, 0.9), rng.uniform(0.4, 1.0)),
        rng.uniform(0.35, 0.62),
        (1 + warm, 1.0, 1 - warm),
        (1.0, 1.0, 1.0),
        rng.uniform(0.08, 0.2),
    )


def nightfall(rng: np.random.Generator) -> Light:
    side = float(rng.choice([-1, 1])) * rng.uniform(0.3, 1.2)
    warm = rng.uniform(0, 0.1)
    return Light(
        _from(side, -rng.uniform(0.1, 1.0), rng.uniform(0.3, 0.8)),
        rng.uniform(0.28, 0.42),
        (1 + warm, 1.0, 1 - 1.3 * warm),
        (0.85, 0.95, 1.15),
        rng.uniform(0.12, 0.25),
        night=True,
    )
