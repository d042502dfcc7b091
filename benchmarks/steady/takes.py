"""The films to measure on: three to tune by, and three only to score by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.steady.paint import ball, box, figure, green_screen, head_of_hair, paint
from benchmarks.steady.scene import SUPERSAMPLE, Array, Layer, Motion, Scene, Wave

Build = Callable[[int, int], Scene]
"""From a seed and a frame height to a scene of 16:9."""


@dataclass(frozen=True)
class Take:
    """A kind of film; `cut` is where its second shot begins, as a fraction, if it has one."""

    name: str
    build: Build
    scoring: bool
    cut: float | None = None


def pan(seed: int, height: int) -> Scene:
    """A backdrop under a panning camera, a turning prop, and a figure with thin limbs that sways."""
    rng = np.random.default_rng(seed)
    size, wide = height * SUPERSAMPLE, 16 / 9
    backdrop = _backdrop(
        rng, size, Motion((wide / 2, 0.5), drift=(_sign(rng) * 0.005, _sign(rng) * 0.0015), zoom=0.001)
    )
    start = (wide * rng.uniform(0.2, 0.35), rng.uniform(0.55, 0.75))
    turning = _layer(rng, box(size), Motion(start, drift=(0.004, 0.0), spin=_sign(rng) * 0.008))
    sway = (_sign(rng) * rng.uniform(0.05, 0.09), rng.uniform(0.01, 0.03))
    swaying = _layer(
        rng, figure(size), Motion((wide * 0.6, 0.5), sway=sway, period=26, spin=_sign(rng) * 0.004)
    )
    return Scene((backdrop, turning, swaying), height, height * 16 // 9)


def gust(seed: int, height: int) -> Scene:
    """Hair and cloth in the wind: two layers that bend, before a camera that hardly moves."""
    rng = np.random.default_rng(seed)
    size, wide = height * SUPERSAMPLE, 16 / 9
    backdrop = _backdrop(rng, size, Motion((wide / 2, 0.5), drift=(_sign(rng) * 0.001, 0.0)))
    cloth = _layer(
        rng,
        box(size),
        Motion((wide * 0.3, 0.6), sway=(0.02, 0.0), period=40),
        Wave((0.03, 0.015), length=0.3, period=18, root=0.3),
    )
    hair = _layer(
        rng,
        head_of_hair(rng, size),
        Motion((wide * 0.66, 0.52), sway=(0.02, 0.008), period=34),
        Wave((0.05, 0.0), length=0.5, period=22, root=0.3),
    )
    return Scene((backdrop, cloth, hair), height, height * 16 // 9)


def chase(seed: int, height: int) -> Scene:
    """A fast pan, blurred by the shutter, after a running figure."""
    rng = np.random.default_rng(seed)
    size, wide = height * SUPERSAMPLE, 16 / 9
    way = _sign(rng)
    backdrop = _backdrop(rng, size, Motion((wide / 2, 0.5), drift=(way * 0.014, 0.0)))
    prop = _layer(rng, box(size), Motion((wide * 0.5 - way * 0.5, 0.7), drift=(way * 0.024, 0.0)))
    runner = _layer(
        rng, figure(size), Motion((wide * 0.5, 0.5), sway=(0.06, 0.03), period=16, spin=way * 0.006)
    )
    return Scene((backdrop, prop, runner), height, height * 16 // 9, shutter=0.5)


def portrait(seed: int, height: int) -> Scene:
    """A head with long hair fills the frame, a figure walks by behind it, the camera pushes in."""
    rng = np.random.default_rng(seed)
    size, wide = height * SUPERSAMPLE, 16 / 9
    backdrop = _backdrop(
        rng, size, Motion((wide / 2, 0.5), drift=(_sign(rng) * 0.002, _sign(rng) * 0.001), zoom=0.002)
    )
    way = _sign(rng)
    passing = _layer(rng, figure(size), Motion((wide * (0.5 - way * 0.35), 0.55), drift=(way * 0.016, 0.0)))
    face = _layer(
        rng,
        head_of_hair(rng, size),
        Motion((wide * 0.5, 0.55), sway=(0.03, 0.012), period=30, zoom=0.003),
        Wave((0.04, 0.01), length=0.45, period=26, root=0.3),
    )
    return Scene((backdrop, passing, face), height, height * 16 // 9)


def crowd(seed: int, height: int) -> Scene:
    """Three figures and two balls cross before a panning camera with an open shutter."""
    rng = np.random.default_rng(seed)
    size, wide = height * SUPERSAMPLE, 16 / 9
    layers = [_backdrop(rng, size, Motion((wide / 2, 0.5), drift=(_sign(rng) * 0.006, 0.0)))]
    for at in (0.25, 0.5, 0.75):
        way = _sign(rng)
        motion = Motion(
            (wide * at, rng.uniform(0.45, 0.6)),
            drift=(way * rng.uniform(0.004, 0.012), 0.0),
            sway=(0.02, 0.02),
            period=rng.uniform(14, 24),
            spin=way * 0.004,
        )
        layers.append(_layer(rng, figure(size), motion))
    for at in (0.35, 0.65):
        flight = Motion((wide * at, 0.45), sway=(0.05, 0.3), period=rng.uniform(26, 36), spin=0.05)
        layers.append(_layer(rng, ball(size), flight))
    return Scene(tuple(layers), height, height * 16 // 9, shutter=0.5)


def stage(seed: int, height: int) -> Scene:
    """A figure on twos and a bending cloth before a green screen."""
    rng = np.random.default_rng(seed)
    size, wide = height * SUPERSAMPLE, 16 / 9
    wall = Layer(
        *green_screen(rng, 2, 3, size), np.ones((2 * size, 3 * size), np.float32), Motion((wide / 2, 0.5))
    )
    cloth = _layer(
        rng,
        box(size),
        Motion((wide * 0.3, 0.55), sway=(0.03, 0.01), period=36),
        Wave((0.03, 0.01), length=0.35, period=24, root=0.3),
    )
    actor = _layer(
        rng,
        figure(size),
        Motion((wide * 0.6, 0.5), sway=(_sign(rng) * 0.08, 0.02), period=34, spin=_sign(rng) * 0.003),
    )
    return Scene((wall, cloth, actor), height, height * 16 // 9, pace=2.0)


TAKES = {
    take.name: take
    for take in (
        Take("pan", pan, scoring=False, cut=0.6),
        Take("gust", gust, scoring=False),
        Take("chase", chase, scoring=False, cut=0.4),
        Take("portrait", portrait, scoring=True),
        Take("crowd", crowd, scoring=True, cut=0.6),
        Take("stage", stage, scoring=True),
    )
}


def _sign(rng: np.random.Generator) -> float:
    return float(rng.choice([-1.0, 1.0]))


def _backdrop(rng: np.random.Generator, size: int, motion: Motion) -> Layer:
    return Layer(*paint(rng, 2, 3, size, brush=0.05), np.ones((2 * size, 3 * size), np.float32), motion)


def _layer(rng: np.random.Generator, alpha: Array, motion: Motion, wave: Wave | None = None) -> Layer:
    return Layer(*paint(rng, 1, 1, len(alpha)), alpha, motion, wave)
