"""A clip made on the fly: shapes that move over a landscape, with a cut every so often."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from stylize import footage
from stylize.footage.clip import Clip, Frame, Pixels

RATE = Fraction(24)


def write_clip(path: Path, frames: int, size: tuple[int, int], shot: int) -> Path:
    """Writes a film of moving shapes that cuts to another scene every `shot` frames.

    Args:
        path: ends in .mp4.
        frames: how many.
        size: (width, height), px.
        shot: frames between two cuts.
    """
    clip = Clip(path, *size, RATE, 1 / RATE, frames)
    return footage.write_film(_frames(frames, size, shot), path, clip, audio=False, overwrite=True)


def draw_plate(size: tuple[int, int], scene: int, moment: int) -> Pixels:
    """One frame, (height, width, 3) float32 RGB in [0, 1]: discs and bars over a textured ground."""
    width, height = size
    rng = np.random.default_rng(scene)
    coarse = rng.random((max(2, height // 12), max(2, width // 12), 3), np.float32)
    ground = np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC), np.float32)
    picture = np.ascontiguousarray(np.clip(0.25 + 0.5 * ground * rng.random(3, np.float32), 0, 1))
    for _ in range(6):
        place, speed = rng.random(2) * size, rng.normal(0, height / 90, 2)
        colour = [float(value) for value in rng.random(3)]
        centre = tuple(int(value) for value in (place + moment * speed) % size)
        if rng.random() < 0.5:
            cv2.circle(picture, centre, int(height * rng.uniform(0.06, 0.2)), colour, -1, cv2.LINE_AA)
        else:
            corner = tuple(int(value + height * rng.uniform(0.1, 0.3)) for value in centre)
            cv2.rectangle(picture, centre, corner, colour, -1, cv2.LINE_AA)
    return picture


def _frames(count: int, size: tuple[int, int], shot: int) -> Iterator[Frame]:
    for index in range(count):
        yield Frame(index, index, draw_plate(size, index // shot, index % shot))
