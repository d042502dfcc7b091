"""Signed distances of a few solids, and how to melt them together. Points are (3, N), metres."""

from __future__ import annotations

import numpy as np

from .texture import Floats


def local(points: Floats, origin: Floats, axes: Floats) -> Floats:
    """Points in the frame whose unit axes are the rows of `axes` (3, 3)."""
    return np.asarray(axes @ (points - origin[:, None]), np.float32)


def sphere(points: Floats, centre: tuple[float, float, float], radius: float) -> Floats:
    return ellipsoid(points, centre, (radius, radius, radius))


def ellipsoid(
    points: Floats, centre: tuple[float, float, float], radii: tuple[float, float, float]
) -> Floats:
    """An axis-aligned ellipsoid; exact at the surface, first order away from it."""
    x, y, z = points[0] - centre[0], points[1] - centre[1], points[2] - centre[2]
    a, b, c = (1 / radius for radius in radii)
    x, y, z = x * a, y * b, z * c
    near = np.sqrt(x * x + y * y + z * z)
    x, y, z = x * a, y * b, z * c
    slope = np.sqrt(x * x + y * y + z * z)
    return np.asarray(near * (near - 1) / np.maximum(slope, 1e-6), np.float32)


def limb(points: Floats, start: Floats, end: Floats, start_radius: float, end_radius: float) -> Floats:
    """A tapered capsule from `start` to `end` (each (3,))."""
    bone = end - start
    x, y, z = points[0] - start[0], points[1] - start[1], points[2] - start[2]
    part = np.clip((x * bone[0] + y * bone[1] + z * bone[2]) / float(bone @ bone), 0, 1)
    x, y, z = x - bone[0] * part, y - bone[1] * part, z - bone[2] * part
    radius = start_radius + (end_radius - start_radius) * part
    return np.asarray(np.sqrt(x * x + y * y + z * z) - radius, np.float32)


def melt(first: Floats, second: Floats, width: float) -> Floats:
    """Union with a fillet `width` wide (polynomial smooth minimum)."""
    overlap = np.clip(width - np.abs(first - second), 0, None)
    return np.asarray(np.minimum(first, second) - overlap * overlap / np.float32(4 * width), np.float32)


def carve(solid: Floats, tool: Floats, width: float) -> Floats:
    """`solid` with `tool` taken away, the edge rounded over `width`."""
    return np.asarray(-melt(-solid, tool, width), np.float32)


def step(low: float, high: float, value: Floats) -> Floats:
    """0 below `low`, 1 above `high`, smooth between (Hermite)."""
    part = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(part * part * (3 - 2 * part), np.float32)
