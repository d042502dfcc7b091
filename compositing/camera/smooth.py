"""Takes the jitter out of a solved path, as far as the marks allow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from compositing.camera.marks import Marks
from compositing.camera.record import Camera
from compositing.camera.turns import turn, vector

Floats = NDArray[np.float64]

DEARER = 1.1
"""Smoothing may raise the mean reprojection error of a shot by this factor, no more."""


def smoothed(camera: Camera, marks: Marks, points: Floats, spread_s: float) -> Camera:
    """A path in which each frame's pose is a local parabola's through its neighbours'.

    Savitzky and Golay's (1964) filter with Gaussian weights, so that starts, stops and even accelerations come
    through unharmed. If the marks then fit worse than `DEARER` allows, the spread is halved until they do not.

    Args:
        camera: as solved.
        marks: observations on the set.
        points: their places in the world, (M, 3).
        spread_s: of the weights, seconds; 0 leaves the path alone.
    """
    before = _error(camera, marks, points)
    spread = spread_s * float(camera.fps)
    while spread >= 0.4 and len(camera) > 4:
        candidate = filtered(camera, spread)
        if _error(candidate, marks, points) <= DEARER * before:
            return candidate
        spread /= 2
    return camera


def filtered(camera: Camera, spread: float) -> Camera:
    """The path through local parabolas with Gaussian weights; `spread` in frames."""
    world = camera.world.copy()
    reach = int(np.ceil(3 * spread)) + 2
    for number in range(len(camera)):
        near = np.arange(max(0, number - reach), min(len(camera), number + reach + 1))
        offset = (near - number).astype(np.float64)
        weight = np.exp(-0.5 * (offset / spread) ** 2)
        basis = np.stack([np.ones_like(offset), offset, offset * offset], 1)
        # The fit's value at zero is a fixed mix of the neighbours.
        mix = np.linalg.solve(
            (basis * weight[:, None]).T @ basis + 1e-12 * np.eye(3), (basis * weight[:, None]).T
        )
        own = camera.world[number, :3, :3]
        turned = vector(own.T @ camera.world[near, :3, :3])
        world[number, :3, :3] = own @ turn(mix[0] @ turned)
        world[number, :3, 3] = mix[0] @ camera.world[near, :3, 3]
    return replace(camera, world=world)


def _error(camera: Camera, marks: Marks, points: Floats) -> float:
    total = 0.0
    for number in range(marks.frames):
        here = np.flatnonzero(marks.frame == number)
        seen, _ = camera.view(number).project(points[marks.mark[here]])
        total += float(np.linalg.norm(seen - marks.place[here], axis=1).sum())
    return total / max(len(marks), 1)
