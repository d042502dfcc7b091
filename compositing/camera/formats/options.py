"""What a user says about a camera file, and the turn of its world into our own axes."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from compositing.camera.record import full_frame
from compositing.errors import UnreadableFile

Matrix = NDArray[np.float64]

Y_FROM_Z = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
"""Takes a world with Z up to one with Y up."""


@dataclass(frozen=True)
class FileOptions:
    """What a user says about a file; it counts for more than what the file says. None: nothing was said.

    Attributes:
        size: of the picture, px.
        fps: frames a second.
        unit_m: the unit of the file's lengths, in metres.
        up: the file's upward axis, `y` or `z`.
        film_back_mm: width and height.
    """

    size: tuple[int, int] | None = None
    fps: Fraction | None = None
    unit_m: float | None = None
    up: str | None = None
    film_back_mm: tuple[float, float] | None = None

    def picture(self, own: tuple[int, int] | None = None) -> tuple[int, int]:
        """The picture's size: what the user says, else what the file does, else Full HD."""
        return self.size or own or (1920, 1080)

    def rate(self, own: Fraction | None = None) -> Fraction:
        return self.fps or own or Fraction(24)

    def back(self, size: tuple[int, int], own: tuple[float, float] | None = None) -> tuple[float, float]:
        """The film back: the user's, else the file's, else a full frame's width at the picture's shape."""
        return self.film_back_mm or own or full_frame(size)

    def world(self, matrices: Matrix, unit_m: float, up: str) -> Matrix:
        """A file's camera-to-world matrices, (N, 4, 4), in metres with Y up; without scale, turns made clean."""
        world = np.array(matrices, np.float64)
        turn = world[:, :3, :3] / np.maximum(np.linalg.norm(world[:, :3, :3], axis=1, keepdims=True), 1e-12)
        left, _, right = np.linalg.svd(turn)
        world[:, :3, :3] = left @ right
        world[:, :3, 3] *= self.unit_m or unit_m
        if (self.up or up) == "z":
            world[:, :3] = Y_FROM_Z @ world[:, :3]
        return world


SLOWEST_FPS, FASTEST_FPS = 12, 240
"""Between these a number of ticks a second is a frame rate; seconds and fine ticks are none."""
MOST_FRAMES = 1_000_000
"""A camera of more frames is a slip in its file's times: eleven hours at 24 frames a second."""


def is_frame_rate(ticks: float) -> bool:
    return SLOWEST_FPS <= ticks <= FASTEST_FPS


def frame_count(length: float, step: float) -> int:
    """How many frames a motion of this length has whose frames lie `step` apart, both ends counted.

    Raises:
        UnreadableFile: they are more than `MOST_FRAMES`, or none.
    """
    count = round(length / step) + 1 if 0 <= length / step < MOST_FRAMES else 0
    if not 0 < count <= MOST_FRAMES:
        raise UnreadableFile(
            f"The camera's motion would have {length / step:.3g} frames.",
            hint="its times are in another unit than the file says: export it again",
        )
    return count


def fps_of(rate: float) -> Fraction:
    """The exact rate that a decimal number means: 23.976 is 24000/1001."""
    for exact in (Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001)):
        if abs(rate - float(exact)) < 2e-3:
            return exact
    return Fraction(rate).limit_denominator(1000)
