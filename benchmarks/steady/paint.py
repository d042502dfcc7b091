"""Textures and silhouettes for the scenes: as photographed, and as drawn."""

from __future__ import annotations

from math import cos, pi, sin

import cv2
import numpy as np

from benchmarks.steady.scene import Array


def paint(
    rng: np.random.Generator, tall: int, wide: int, size: int, brush: float = 0.0
) -> tuple[Array, Array]:
    """A photographic texture and its drawing: flat tones, and dark lines where the tones change.

    Every measure scales with `size`, the frame's height in texture pixels; `tall` and `wide` count frames.
    `brush` is the deviation of the brush marks in the drawing: backdrops are painted, figures are not.
    """
    height, width, unit = tall * size, wide * size, size / (288 * 2)
    photo = np.full((height, width, 3), rng.uniform(0.3, 0.7, 3), np.float32)
    for _ in range(37 * tall * wide):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        axes = (int(unit * rng.integers(8, 80)), int(unit * rng.integers(8, 80)))
        colour = rng.uniform(0.1, 0.9, 3).tolist()
        cv2.ellipse(photo, centre, axes, float(rng.uniform(0, 180)), 0, 360, colour, -1, cv2.LINE_AA)
    flat = photo.copy()
    for sigma, strength in ((2, 0.5), (6, 0.7), (25, 1.0)):
        noise = cv2.GaussianBlur(
            rng.standard_normal((height, width)).astype(np.float32), (0, 0), sigma * unit
        )
        photo += (0.06 * strength / noise.std() * noise)[..., None]
    photo = np.clip(cv2.GaussianBlur(photo, (0, 0), 1.2 * unit), 0, 1)
    tones = cv2.GaussianBlur(np.round(flat * 5) / 5 * 0.85 + 0.12, (0, 0), unit)
    grey = cv2.GaussianBlur(flat, (0, 0), 1.5 * unit).mean(axis=-1)
    slope = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    lines = cv2.GaussianBlur((slope > 0.12 / unit).astype(np.float32), (0, 0), 0.9 * unit)
    for sigma in (1.5, 5.0):
        marks = cv2.GaussianBlur(
            rng.standard_normal((height, width)).astype(np.float32), (0, 0), sigma * unit
        )
        tones += (brush / 2**0.5 / marks.std() * marks)[..., None]
    return photo, np.clip(tones * (1 - 0.85 * lines[..., None]), 0, 1)


def green_screen(rng: np.random.Generator, tall: int, wide: int, size: int) -> tuple[Array, Array]:
    """A wall lit unevenly, and its drawing: one flat green. Nothing for a flow to hold on to."""
    height, width = tall * size, wide * size
    light = cv2.resize(
        rng.uniform(0.85, 1.0, (3, 4)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    green = np.float32([0.16, 0.62, 0.24])
    return light[..., None] * green, np.full((height, width, 3), green, np.float32)


def figure(size: int) -> Array:
    """A head, a body, two arms and two legs: (size, size) alpha."""
    alpha = np.zeros((size, size), np.float32)
    centre, head = (size // 2, size // 2), (size // 2, size // 4)
    cv2.ellipse(alpha, centre, (size // 9, size // 5), 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    cv2.circle(alpha, head, size // 12, 1.0, -1, cv2.LINE_AA)
    for end, thick in (((0.2, 0.3), 24), ((0.8, 0.35), 14), ((0.35, 0.95), 30), ((0.68, 0.92), 30)):
        tip = (int(size * end[0]), int(size * end[1]))
        cv2.line(alpha, centre, tip, 1.0, size * thick // 576, cv2.LINE_AA)
    return cv2.GaussianBlur(alpha, (0, 0), 1.0)


def head_of_hair(rng: np.random.Generator, size: int) -> Array:
    """A large head with strands of one or two pixels of the frame that hang from it: (size, size) alpha."""
    alpha = np.zeros((size, size), np.float32)
    cv2.ellipse(
        alpha, (size // 2, size * 2 // 5), (size // 5, size * 3 // 10), 0, 0, 360, 1.0, -1, cv2.LINE_AA
    )
    for _ in range(70):
        around = rng.uniform(-0.15, 1.15) * pi
        x, y = size * (0.5 + 0.2 * cos(around)), size * (0.35 - 0.25 * sin(around))
        outwards, fall = cos(around) * rng.uniform(0.3, 1.0), rng.uniform(0.3, 0.55)
        along = np.linspace(0, 1, 24)
        strand = np.stack(
            [x + size * 0.16 * outwards * np.sqrt(along), y + size * fall * along**1.3], axis=-1
        )
        thick = max(1, round(size / 576 * rng.uniform(2, 5)))
        cv2.polylines(alpha, [np.int32(strand)], False, 1.0, thick, cv2.LINE_AA)
    return cv2.GaussianBlur(alpha, (0, 0), 0.7)


def box(size: int) -> Array:
    """A rectangle, half as wide as the texture: (size, size) alpha."""
    alpha = np.zeros((size, size), np.float32)
    cv2.rectangle(alpha, (size // 4, size // 3), (3 * size // 4, 2 * size // 3), 1.0, -1, cv2.LINE_AA)
    return cv2.GaussianBlur(alpha, (0, 0), 1.0)


def ball(size: int) -> Array:
    """A disc a tenth of the texture in radius: (size, size) alpha."""
    alpha = np.zeros((size, size), np.float32)
    cv2.circle(alpha, (size // 2, size // 2), size // 10, 1.0, -1, cv2.LINE_AA)
    return cv2.GaussianBlur(alpha, (0, 0), 1.0)
