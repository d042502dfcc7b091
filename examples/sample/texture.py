"""Tileable procedural textures, mip-mapped so that they stay calm when the camera moves."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float32]


def vec(values: ArrayLike) -> Floats:
    """Values as a float32 array."""
    return np.asarray(values, np.float32)


_ROW = 512
"""Points are sampled in rows of this length: OpenCV remaps pictures, not lists."""


def noise(size: int, cells: tuple[int, int], seed: int) -> Floats:
    """One octave of smooth tileable noise: (size, size) in [0, 1], `cells` (down, across) a tile."""
    grid = np.random.default_rng(seed).random(cells, dtype=np.float32)
    padded = np.pad(grid, 3, mode="wrap")
    scale = (size / cells[0], size / cells[1])
    large = cv2.resize(
        padded,
        (round(padded.shape[1] * scale[1]), round(padded.shape[0] * scale[0])),
        interpolation=cv2.INTER_CUBIC,
    )
    top, left = round(3 * scale[0]), round(3 * scale[1])
    return np.clip(large[top : top + size, left : left + size], 0, 1)


def fractal(size: int, cells: tuple[int, int], octaves: int, seed: int, gain: float = 0.5) -> Floats:
    """Octaves of noise summed, each twice as fine and `gain` as strong: (size, size) in [0, 1]."""
    total = np.zeros((size, size), np.float32)
    weight, weights = 1.0, 0.0
    for octave in range(octaves):
        fine = (min(size, cells[0] << octave), min(size, cells[1] << octave))
        total += weight * noise(size, fine, seed + octave)
        weights += weight
        weight *= gain
    return np.asarray(total / weights, np.float32)


def slopes(height: Floats, strength: float) -> Floats:
    """The tilt of a tileable height map: (H, W, 2), the gradient along u and along v."""
    along_u = (np.roll(height, -1, 1) - np.roll(height, 1, 1)) * (0.5 * strength)
    along_v = (np.roll(height, -1, 0) - np.roll(height, 1, 0)) * (0.5 * strength)
    return np.stack([along_u, along_v], axis=-1).astype(np.float32)


class Texture:
    """A picture that tiles the plane (or, with `tiles=False`, ends at its edge).

    Args:
        picture: (H, W) or (H, W, C) float32, C at most 4; H and W powers of two when it tiles.
    """

    def __init__(self, picture: Floats, *, tiles: bool = True) -> None:
        self._border = cv2.BORDER_WRAP if tiles else cv2.BORDER_CONSTANT
        level = np.ascontiguousarray(picture, np.float32)
        self.levels = [level]
        while min(level.shape[:2]) > 4:
            half = (max(1, level.shape[1] // 2), max(1, level.shape[0] // 2))
            level = vec(cv2.resize(level, half, interpolation=cv2.INTER_AREA))
            self.levels.append(level)

    def sample(self, u: Floats, v: Floats, footprint: Floats | float) -> Floats:
        """The texture at (u, v), in tiles, averaged over `footprint` tiles: (N,) in, (N,) or (N, C) out."""
        size = max(self.levels[0].shape[:2])
        finest = np.log2(np.maximum(np.broadcast_to(footprint, u.shape) * size, 1e-6))
        level = np.clip(finest, 0, len(self.levels) - 1.001).astype(np.float32)
        whole = level.astype(np.int32)
        out = np.zeros(u.shape + self.levels[0].shape[2:], np.float32)
        for number in np.unique(whole):
            here = whole == number
            blend = level[here] - number
            if out.ndim > 1:
                blend = blend[:, None]
            fine = self._bilinear(int(number), u[here], v[here])
            coarse = self._bilinear(int(number) + 1, u[here], v[here])
            out[here] = fine + (coarse - fine) * blend
        return out

    def _bilinear(self, number: int, u: Floats, v: Floats) -> Floats:
        picture = self.levels[number]
        height, width = picture.shape[:2]
        if self._border == cv2.BORDER_WRAP:
            u, v = u - np.floor(u), v - np.floor(v)
        count = u.size
        rows = -(-count // _ROW)
        x, y = np.zeros(rows * _ROW, np.float32), np.zeros(rows * _ROW, np.float32)
        x[:count], y[:count] = u * width - 0.5, v * height - 0.5
        shape = (rows, _ROW)
        found = cv2.remap(
            picture, x.reshape(shape), y.reshape(shape), cv2.INTER_LINEAR, borderMode=self._border
        )
        return found.reshape((rows * _ROW, *picture.shape[2:]))[:count]


class Volume:
    """Smooth noise that tiles space, for cloth and skin: one value in [-1, 1] a point."""

    def __init__(self, size: int, seed: int) -> None:
        self._size = size
        self._grid = np.random.default_rng(seed).uniform(-1, 1, (size, size, size)).astype(np.float32)

    def sample(self, points: Floats) -> Floats:
        """Noise at (3, N) points, in cells: (N,), with quintic interpolation between lattice values."""
        floor = np.floor(points)
        part = points - floor
        part = part * part * part * (part * (part * 6 - 15) + 10)
        low = floor.astype(np.int32) % self._size
        high = (low + 1) % self._size
        grid = self._grid

        def along_x(y: NDArray[np.int32], z: NDArray[np.int32]) -> Floats:
            first = grid[low[0], y, z]
            return first + (grid[high[0], y, z] - first) * part[0]

        near = along_x(low[1], low[2])
        near = near + (along_x(high[1], low[2]) - near) * part[1]
        far = along_x(low[1], high[2])
        far = far + (along_x(high[1], high[2]) - far) * part[1]
        return np.asarray(near + (far - near) * part[2], np.float32)


class Surface:
    """What a flat thing is made of: albedo (RGB, linear), gloss, and the tilt of its relief."""

    def __init__(self, colour: Floats, height: Floats, relief: float, gloss: Floats | float, period_m: float):
        size = height.shape[0]
        gloss_map = np.broadcast_to(np.float32(gloss), height.shape)
        self._colour = Texture(np.dstack([colour, gloss_map]).astype(np.float32))
        self._slope = Texture(slopes(height, relief * size / 256))
        self._period = period_m

    def sample(self, u_m: Floats, v_m: Floats, footprint_m: Floats) -> tuple[Floats, Floats, Floats]:
        """At (u, v) in metres: albedo (N, 3), gloss (N,), slope (N, 2)."""
        u, v, footprint = u_m / self._period, v_m / self._period, footprint_m / self._period
        colour = self._colour.sample(u, v, footprint)
        return colour[:, :3], colour[:, 3], self._slope.sample(u, v, footprint)


def _tint(base: tuple[float, float, float], shade: Floats) -> Floats:
    return np.asarray(vec(base) * shade[..., None], np.float32)


def brick(size: int = 1024) -> Surface:
    """Buff brick in running bond: bricks 240 x 80 mm, 2.0 m to the tile (8 across, 24 courses)."""
    rows, columns = 24, 8
    rng = np.random.default_rng(11)
    v, u = np.mgrid[0:size, 0:size].astype(np.float32) / size
    wobble = (fractal(size, (16, 16), 4, 21) - 0.5) * 0.12
    course = np.floor(v * rows)
    across = u * columns + 0.5 * (course % 2)
    in_u, in_v = np.modf(across)[0] - 0.5, np.modf(v * rows)[0] - 0.5
    edge = np.minimum((0.5 - np.abs(in_u)) * 3.0, 0.5 - np.abs(in_v)) + wobble * 0.35
    face = np.clip((edge - 0.055) / 0.06, 0, 1)
    number = (course.astype(int) * columns + np.floor(across).astype(int) % columns) % (rows * columns)
    tone = rng.normal(1.0, 0.13, rows * columns).astype(np.float32)[number]
    warm = rng.normal(0.0, 0.05, rows * columns).astype(np.float32)[number]
    grit = fractal(size, (128, 128), 3, 31, 0.7)
    stain = fractal(size, (3, 3), 4, 41)
    shade = tone * (0.72 + 0.5 * grit) * (0.75 + 0.5 * stain)
    bricks = _tint((0.43, 0.30, 0.20), shade) * (1 + np.stack([warm, 0 * warm, -warm], -1) * 1.6)
    mortar = _tint((0.42, 0.39, 0.34), 0.65 + 0.5 * grit)
    colour = mortar + (bricks - mortar) * face[..., None]
    height = face * (1 + 0.25 * (tone - 1)) + 0.35 * grit
    return Surface(colour, height, 1.3, 0.05, 2.0)


def paving(size: int = 1024) -> Surface:
    """Worn concrete slabs, 600 x 400 mm, 2.4 m to the tile."""
    rng = np.random.default_rng(12)
    v, u = np.mgrid[0:size, 0:size].astype(np.float32) / size
    row = np.floor(v * 6)
    across = u * 4 + 0.5 * (row % 2)
    in_u, in_v = np.modf(across)[0] - 0.5, np.modf(v * 6)[0] - 0.5
    wobble = (fractal(size, (16, 16), 5, 22) - 0.5) * 0.02
    edge = np.minimum((0.5 - np.abs(in_u)) * 0.6, (0.5 - np.abs(in_v)) * 0.4) + wobble * 0.4
    face = np.clip((edge - 0.004) / 0.008, 0, 1)
    number = (row.astype(int) * 4 + np.floor(across).astype(int) % 4) % 24
    tone = rng.normal(1.0, 0.07, 24).astype(np.float32)[number]
    grit = fractal(size, (128, 128), 3, 32, 0.75)
    stain = fractal(size, (3, 3), 6, 42, 0.6)
    shade = tone * (0.74 + 0.4 * grit) * (0.55 + 0.85 * stain)
    colour = _tint((0.30, 0.285, 0.26), shade) * (0.35 + 0.65 * face[..., None])
    return Surface(colour, 0.8 * face + 0.5 * grit, 0.9, 0.12 + 0.1 * stain, 2.4)


def asphalt(size: int = 1024) -> Surface:
    """Road surface, 3 m to the tile: dark binder, pale chippings, patched stains."""
    grit = fractal(size, (256, 256), 2, 33, 0.8)
    stain = fractal(size, (2, 2), 6, 43, 0.6)
    shade = (0.45 + 1.1 * grit**2) * (0.6 + 0.8 * stain)
    return Surface(_tint((0.105, 0.105, 0.11), shade), grit, 1.2, 0.18, 3.0)


def grass(size: int = 1024) -> Surface:
    """A mown lawn, 3 m to the tile: blades as stretched noise, dry and lush patches."""
    blades = fractal(size, (64, 256), 2, 34, 0.8)
    patch = fractal(size, (3, 3), 5, 44)
    shade = (0.35 + 1.3 * blades**1.5) * (0.7 + 0.6 * patch)
    dry = np.clip(patch * 2.2 - 0.9, 0, 1)[..., None]
    colour = _tint((0.085, 0.135, 0.028), shade) * (1 - dry) + _tint((0.17, 0.16, 0.06), shade) * dry
    return Surface(colour, blades, 1.5, 0.03, 3.0)


def plaster(size: int = 512) -> Surface:
    """Painted render, weathered, 3 m to the tile."""
    grain = fractal(size, (64, 64), 3, 35, 0.7)
    stain = fractal(size, (3, 2), 5, 45)
    return Surface(
        _tint((0.56, 0.52, 0.45), (0.85 + 0.25 * grain) * (0.8 + 0.35 * stain)), grain, 0.6, 0.05, 3.0
    )
