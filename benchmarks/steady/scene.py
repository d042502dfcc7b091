"""Rendered scenes with an exact truth: textured layers under known poses, which may wave like cloth.

Each layer has a photographic texture and a stylized one, drawn *in texture space*, so that the stylized
film made by moving it is temporally exact: the clean target. Frames are rendered at twice the size and
averaged down. Because every pose is known, so are the flow between any two frames and what hides what.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import cos, pi, sin
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
SUPERSAMPLE = 2
EXPOSURES = 5
"""Instants that a blurred photograph is the mean of."""


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
class Wave:
    """A layer that bends: where it is drawn at texture point p, it shows the texture at p + offset(p, t).

    A travelling sine, `size` and `length` in texture heights, that grows from nothing at the height `root`
    (a fraction of the texture) downwards, as hair and cloth hang.
    """

    size: tuple[float, float]
    length: float = 0.5
    period: float = 20.0
    root: float = 0.0

    def offset(self, points: Array, t: float, height: int) -> Array:
        """(..., 2) px at `points` (..., 2), which are (x, y) in texture px."""
        along = (points[..., 0] * 0.6 + points[..., 1]) / (self.length * height)
        grows = np.clip(points[..., 1] / height - self.root, 0, 1)
        swing = grows * height * np.sin(2 * pi * (along - t / self.period))
        return np.stack([self.size[0] * swing, self.size[1] * swing], axis=-1)


@dataclass(frozen=True)
class Layer:
    """A picture to move: `photo` and `style` (h, w, 3), `alpha` (h, w), all float32 in [0, 1]."""

    photo: Array
    style: Array
    alpha: Array
    motion: Motion
    wave: Wave | None = None


@dataclass(frozen=True)
class Scene:
    """Layers from back to front, seen through a frame of (height, width)."""

    layers: tuple[Layer, ...]
    height: int
    width: int
    shutter: float = 0.0
    """How much of a frame's time the photograph is exposed: 0.5 is a shutter of 180 degrees."""
    pace: float = 1.0
    """Moments from one frame to the next: 2 shows the drawings of a film on twos, each of them once."""
    _owners: dict[float, NDArray[np.int64]] = field(default_factory=dict, compare=False, repr=False)

    def source(self, t: int) -> Array:
        """The photographed frame `t`: (height, width, 3), with motion blur and a little sensor noise."""
        noise = np.random.default_rng(t).normal(0, 2 / 255, (self.height, self.width, 3))
        moments = [(n + 0.5) / EXPOSURES - 0.5 for n in range(EXPOSURES)] if self.shutter else [0.0]
        frames = [self._render(t + self.shutter * moment, "photo") for moment in moments]
        return np.clip(np.mean(frames, axis=0) + noise.astype(np.float32), 0, 1).astype(np.float32)

    def clean(self, t: int) -> Array:
        """The stylized frame `t` without any flicker; drawings are crisp where a photograph blurs."""
        return self._render(t, "style")

    def flow(self, t: int, u: int) -> tuple[Array, NDArray[np.bool_]]:
        """Exact flow from frame t to frame u, (height, width, 2) in px, and where it is visible in both."""
        here, there = self._owner(t), self._owner(u)
        x, y = np.meshgrid(np.arange(self.width, dtype=np.float64), np.arange(self.height, dtype=np.float64))
        grid = np.stack([x, y], axis=-1)
        flow = np.zeros((self.height, self.width, 2), np.float32)
        for index in range(len(self.layers)):
            mine = here == index
            flow[mine] = self._appears(index, self._shows(index, grid[mine], t), u) - grid[mine]
        target = grid + flow
        x, y = np.rint(target[..., 0]).astype(int), np.rint(target[..., 1]).astype(int)
        inside = (x >= 0) & (x < self.width) & (y >= 0) & (y < self.height)
        arrived = there[np.clip(y, 0, self.height - 1), np.clip(x, 0, self.width - 1)]
        return flow, inside & (arrived == here)

    def _shows(self, index: int, points: Array, t: float) -> Array:
        """The texture points that a layer shows at frame points (..., 2)."""
        layer = self.layers[index]
        drawn = _transform(np.linalg.inv(self._pose(index, t)), points)
        if layer.wave is None:
            return drawn
        return drawn + layer.wave.offset(drawn, t * self.pace, layer.alpha.shape[0])

    def _appears(self, index: int, texture: Array, t: float) -> Array:
        """The inverse of `_shows`: where in frame t texture points are seen (a contraction, iterated)."""
        layer, drawn = self.layers[index], texture
        if layer.wave is not None:
            for _ in range(16):
                drawn = texture - layer.wave.offset(drawn, t * self.pace, layer.alpha.shape[0])
        return _transform(self._pose(index, t), drawn)

    def _pose(self, index: int, t: float) -> NDArray[np.float64]:
        layer = self.layers[index]
        return layer.motion.pose(t * self.pace, self.height, layer.alpha.shape)

    def _place(self, picture: Array, index: int, t: float) -> Array:
        """A layer's picture in the supersampled frame."""
        big = np.diag([SUPERSAMPLE, SUPERSAMPLE, 1.0])
        big[:2, 2] = (SUPERSAMPLE - 1) / 2  # pixel centres, not corners, stay aligned
        width, height = self.width * SUPERSAMPLE, self.height * SUPERSAMPLE
        border = cv2.BORDER_REFLECT_101 if index == 0 else cv2.BORDER_CONSTANT
        if self.layers[index].wave is None:
            matrix = (big @ self._pose(index, t))[:2]
            return cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=border)
        x, y = np.meshgrid(np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64))
        points = self._shows(index, _transform(np.linalg.inv(big), np.stack([x, y], axis=-1)), t)
        return cv2.remap(picture, points.astype(np.float32), None, cv2.INTER_LINEAR, borderMode=border)

    def _render(self, t: float, kind: str) -> Array:
        frame = self._place(getattr(self.layers[0], kind), 0, t)
        for index, layer in enumerate(self.layers[1:], start=1):
            alpha = self._place(layer.alpha, index, t)[..., None]
            frame += alpha * (self._place(getattr(layer, kind), index, t) - frame)
        return np.clip(cv2.resize(frame, (self.width, self.height), interpolation=cv2.INTER_AREA), 0, 1)

    def _owner(self, t: float) -> NDArray[np.int64]:
        """Which layer each pixel of frame t shows."""
        if t in self._owners:
            return self._owners[t]
        owner = self._owners[t] = np.zeros((self.height, self.width), np.int64)
        for index in range(1, len(self.layers)):
            alpha = self._place(self.layers[index].alpha, index, t)
            alpha = cv2.resize(alpha, (self.width, self.height), interpolation=cv2.INTER_AREA)
            owner[alpha > 0.5] = index
        return owner


def _transform(matrix: NDArray[np.float64], points: Array) -> Array:
    """A 3 x 3 affine matrix applied to points (..., 2)."""
    return points @ matrix[:2, :2].T + matrix[:2, 2]
