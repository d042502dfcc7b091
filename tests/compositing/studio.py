"""Cameras whose truth is known, and the marks that they see."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from compositing.camera.marks import Marks
from compositing.camera.record import Camera
from compositing.camera.turns import about

SIZE = (640, 360)


def path(
    kind: str, frames: int = 40, size: tuple[int, int] = SIZE, focal_mm: float = 32.0, k1: float = 0.0
) -> Camera:
    """A camera that is locked, pans by 16 degrees while it tilts, or travels 0.9 m while it pans."""
    time = np.linspace(0, 1, frames)
    world = np.tile(np.eye(4), (frames, 1, 1))
    if kind == "rotation":
        world[:, :3, :3] = about("y", -16 * time) @ about("x", 2 * np.sin(4 * time)) @ about("z", time)
    if kind == "translating":
        world[:, :3, :3] = about("y", 5 * time) @ about("x", -2 * time)
        world[:, :3, 3] = np.stack([0.8 * time, 0.1 * np.sin(3 * time), -0.5 * time], 1)
    back = (36.0, 36.0 * size[1] / size[0])
    return Camera(
        world, np.full(frames, focal_mm), back, size, Fraction(24), distortion=(k1, 0.0, 0.0, 0.0, 0.0)
    )


def places(count: int = 300, seed: int = 1) -> NDArray[np.float64]:
    """Points of a set some 3 to 7 m away, (N, 3)."""
    rng = np.random.default_rng(seed)
    return np.stack(
        [rng.uniform(-6, 6, count), rng.uniform(-2.5, 2.5, count), -rng.uniform(3, 7, count)], axis=1
    )


def seen(
    camera: Camera, points: NDArray[np.float64], noise_px: float = 0.15, strays: float = 0.0, seed: int = 7
) -> Marks:
    """The marks that a camera sees at `points`, with noise, and a share of them astray."""
    rng = np.random.default_rng(seed)
    frame, mark, place = [], [], []
    for number in range(len(camera)):
        at, depth = camera.view(number).project(points)
        inside = (depth > 0.1) & (at > 0).all(axis=1) & (at < np.array(camera.size) - 1).all(axis=1)
        which = np.flatnonzero(inside)
        frame.append(np.full(len(which), number))
        mark.append(which)
        place.append(at[which])
    everywhere = np.concatenate(place) + rng.normal(0, noise_px, (sum(map(len, place)), 2))
    astray = rng.random(len(everywhere)) < strays
    everywhere[astray] += rng.normal(0, 25, (int(astray.sum()), 2))
    marks = Marks(np.concatenate(frame), np.concatenate(mark), everywhere, len(camera))
    return marks.where(np.ones(len(marks), bool))


def own_scale(solved: Camera, truth: Camera) -> float:
    """How long the solved path is beside the true one, end from start; 1 where the camera does not move."""
    gone = np.linalg.norm((np.linalg.inv(truth.world[0]) @ truth.world[-1])[:3, 3])
    return float(np.linalg.norm(solved.world[-1, :3, 3]) / gone) if gone > 0 else 1.0
