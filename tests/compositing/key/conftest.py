"""A small rendered shot before an uneven screen, with its truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from benchmarks.key.film import cast_shadow
from benchmarks.key.screen import Cloth, Screen
from benchmarks.key.subject import Look, Performer
from compositing.colour import Image, Plane, srgb_from_linear

WIDTH, HEIGHT, FRAMES = 240, 136, 5


@dataclass(frozen=True)
class Take:
    """Display-referred plates, and the scene-linear truth."""

    plates: list[Image]
    premult: list[Image]
    alpha: list[Plane]
    screens: list[Image]


def take(cloth: Cloth, look: Look, *, shadow: float = 0.2, noise: float = 0.004, pan_px: float = 0.0) -> Take:
    performer, screen = Performer(look, WIDTH, HEIGHT), Screen(cloth, WIDTH, HEIGHT)
    rng = np.random.default_rng(5)
    made = Take([], [], [], [])
    for t in range(FRAMES):
        premult, alpha = performer.frame(2 * t)
        wall = screen.frame(t, (pan_px * t, 0)) * cast_shadow(alpha, shadow)[..., None]
        light = premult + (1 - alpha[..., None]) * wall
        light = light + noise * np.sqrt(np.maximum(light, 0.002) / 0.18) * rng.normal(0, 1, light.shape)
        made.plates.append(np.clip(srgb_from_linear(light.astype(np.float32)), 0, 1))
        made.premult.append(premult)
        made.alpha.append(alpha)
        made.screens.append(wall)
    return made


@pytest.fixture(scope="session")
def green() -> Take:
    return take(Cloth(gradient=0.5, wrinkles=0.06, marks=True, seed=21), Look(seed=22, strands=120))


@pytest.fixture(scope="session")
def blue() -> Take:
    return take(Cloth((0.03, 0.07, 0.42), gradient=0.4, seed=23), Look(seed=24, strands=120))


@pytest.fixture(scope="session")
def panned() -> Take:
    return take(Cloth(gradient=0.4, wrinkles=0.05, marks=True, seed=25), Look(seed=26, strands=120), pan_px=7)
