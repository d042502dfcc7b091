"""Rendered scenes with an exact truth: textured layers under known affine poses.

Each layer has a photographic texture and a stylized one, drawn *in texture space*, so that the stylized
film made by moving it is temporally exact: the clean target. Frames are rendered at twice the size and
averaged down. Because every pose is known, so are the flow between any two frames and what hides what.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
SUPERSAMPLE = 2


@dataclass(frozen=True)
class Motion:
    """A smooth path: drift and sway in frame heights, spin and zoom per frame."""

    start: tuple[float, float]
    drift: tuple[float, float] = (0.0, 0.0)
    sway: tuple[float, float] = (0.0, 0.0)
    period: float = 30.0
    spin: float = 0.0
    zoom: float = 0.0

    def pose(self, t: float, height: int, texture: tuple[int, int]) -> NDArray[np.float64]:
        """The 3x3 matrix from texture pixels to frame pixels at time `t` (texture shape as (h, w))."""
        phase = sin(2 * pi * t / self.period)
        x = height * (self.start[0] + self.drift[0] * t + self.sway[0] * phase)
        y = height * (self.start[1] + self.drift[1] * t + self.sway[1] * phase)
        scale = (1 + self.zoom * t) / SUPERSAMPLE
        c, s = scale * cos(self.spin * t), scale * sin(self.spin * t)
        u, v = texture[1] / 2, texture[0] / 2
        return np.array([[c, -s, x - c * u + s * v], [s, c, y - s * u - c * v], [0, 0, 1]])


@dataclass(frozen=True)
class Layer:
    """A picture to move: `photo` and `style` (h, w, 3), `alpha` (h, w), all float32 in [0, 1]."""

    photo: Array
    style: Array
    alpha: Array
    motion: Motion


@dataclass(frozen=True)
class Scene:
    """Layers from back to front, seen through a frame of (height, width)."""

    layers: tuple[Layer, ...]
    height: int
    width: int

    def source(self, t: int) -> Array:
        """The photographed frame `t`: (height, width, 3), with a little sensor noise."""
        noise = np.random.default_rng(t).normal(0, 2 / 255, (self.height, self.width, 3))
        return np.clip(self._render(t, "photo") + noise.astype(np.float32), 0, 1)

    def clean(self, t: int) -> Array:
        """The stylized frame `t` without any flicker."""
        return self._render(t, "style")

    def flow(self, t: int, u: int) -> tuple[Array, NDArray[np.bool_]]:
        """Exact flow from frame t to frame u, (height, width, 2) in px, and where it is visible in both."""
        here, there = self._owner(t), self._owner(u)
        grid = np.stack(
            [*np.meshgrid(np.arange(self.width), np.arange(self.height)), np.ones_like(here)], axis=-1
        )
        flow = np.zeros((self.height, self.width, 2), np.float32)
        for index in range(len(self.layers)):
            matrix = self._pose(index, u) @ np.linalg.inv(self._pose(index, t))
            moved = grid @ matrix.T
            flow[here == index] = (moved - grid)[here == index][:, :2]
        target = (grid[..., :2] + flow).astype(np.float32)
        x, y = np.rint(target[..., 0]).astype(int), np.rint(target[..., 1]).astype(int)
        inside = (x >= 0) & (x < self.width) & (y >= 0) & (y < self.height)
        arrived = there[np.clip(y, 0, self.height - 1), np.clip(x, 0, self.width - 1)]
        return flow, inside & (arrived == here)

    def _pose(self, index: int, t: int) -> NDArray[np.float64]:
        layer = self.layers[index]
        return layer.motion.pose(t, self.height, layer.alpha.shape)

    def _place(self, picture: Array, index: int, t: int) -> Array:
        """A layer's picture in the supersampled frame."""
        big = np.diag([SUPERSAMPLE, SUPERSAMPLE, 1.0])
        big[:2, 2] = (SUPERSAMPLE - 1) / 2  # pixel centres, not corners, stay aligned
        size = (self.width * SUPERSAMPLE, self.height * SUPERSAMPLE)
        border = cv2.BORDER_REFLECT_101 if index == 0 else cv2.BORDER_CONSTANT
        matrix = (big @ self._pose(index, t))[:2]
        return cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border)

    def _render(self, t: int, kind: str) -> Array:
        frame = self._place(getattr(self.layers[0], kind), 0, t)
        for index, layer in enumerate(self.layers[1:], start=1):
            alpha = self._place(layer.alpha, index, t)[..., None]
            frame += alpha * (self._place(getattr(layer, kind), index, t) - frame)
        return np.clip(cv2.resize(frame, (self.width, self.height), interpolation=cv2.INTER_AREA), 0, 1)

    def _owner(self, t: int) -> NDArray[np.int64]:
        owner = np.zeros((self.height, self.width), np.int64)
        for index in range(1, len(self.layers)):
            alpha = self._place(self.layers[index].alpha, index, t)
            alpha = cv2.resize(alpha, (self.width, self.height), interpolation=cv2.INTER_AREA)
            owner[alpha > 0.5] = index
        return owner


def scene(seed: int, height: int = 288, width: int = 512) -> Scene:
    """A backdrop under a panning camera, a turning prop, and a figure with thin limbs that sways."""
    rng = np.random.default_rng(seed)

    def sign() -> float:
        return float(rng.choice([-1.0, 1.0]))

    size = height * SUPERSAMPLE
    backdrop = Layer(
        *_paint(rng, 2, 3, size),
        np.ones((2 * size, 3 * size), np.float32),
        Motion((width / height / 2, 0.5), drift=(sign() * 0.005, sign() * 0.0015), zoom=0.001),
    )
    prop = np.zeros((size, size), np.float32)
    cv2.rectangle(prop, (size // 4, size // 3), (3 * size // 4, 2 * size // 3), 1.0, -1, cv2.LINE_AA)
    start = (width / height * rng.uniform(0.2, 0.35), rng.uniform(0.55, 0.75))
    turning = Layer(
        *_paint(rng, 1, 1, size),
        cv2.GaussianBlur(prop, (0, 0), 1.0),
        Motion(start, drift=(0.004, 0.0), spin=sign() * 0.008),
    )
    figure = np.zeros((size, size), np.float32)
    centre, head = (size // 2, size // 2), (size // 2, size // 4)
    cv2.ellipse(figure, centre, (size // 9, size // 5), 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    cv2.circle(figure, head, size // 12, 1.0, -1, cv2.LINE_AA)
    for end, thick in (((0.2, 0.3), 24), ((0.8, 0.35), 14), ((0.35, 0.95), 30), ((0.68, 0.92), 30)):
        cv2.line(
            figure, centre, (int(size * end[0]), int(size * end[1])), 1.0, size * thick // 576, cv2.LINE_AA
        )
    sway = (sign() * rng.uniform(0.05, 0.09), rng.uniform(0.01, 0.03))
    swaying = Layer(
        *_paint(rng, 1, 1, size),
        cv2.GaussianBlur(figure, (0, 0), 1.0),
        Motion((width / height * 0.6, 0.5), sway=sway, period=26, spin=sign() * 0.004),
    )
    return Scene((backdrop, turning, swaying), height, width)


def _paint(rng: np.random.Generator, tall: int, wide: int, size: int) -> tuple[Array, Array]:
    """A photographic texture and its drawing: flat tones, and dark lines where the tones change.

    Every measure scales with `size`, the frame's height in texture pixels; `tall` and `wide` count frames.
    """
    height, width, unit = tall * size, wide * size, size / (288 * SUPERSAMPLE)
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
    return photo, np.clip(tones * (1 - 0.85 * lines[..., None]), 0, 1)
