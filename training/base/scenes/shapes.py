"""Outlines: closed and open smooth curves, ribbons, boxes. Points are (N, 2) float arrays of x, y in px."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Point = tuple[float, float]


def _catmull_rom(p0: np.ndarray, p1: np.ndarray, p2: np.ndarray, p3: np.ndarray, steps: int) -> np.ndarray:
    t = (np.arange(steps) / steps)[None, :, None]
    a, b, c, d = (p[:, None, :] for p in (p0, p1, p2, p3))
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return curve.reshape(-1, 2)


def closed_curve(points: Sequence[Point] | np.ndarray, steps: int = 6) -> np.ndarray:
    """A smooth closed outline through `points` (Catmull-Rom), `steps` points a span."""
    p = np.asarray(points, float)
    return _catmull_rom(np.roll(p, 1, 0), p, np.roll(p, -1, 0), np.roll(p, -2, 0), steps)


def open_curve(points: Sequence[Point] | np.ndarray, steps: int = 6) -> np.ndarray:
    """A smooth open line through `points` (Catmull-Rom), from the first to the last."""
    p = np.asarray(points, float)
    if len(p) < 3:
        return p[0] + np.linspace(0, 1, steps + 1)[:, None] * (p[-1] - p[0])
    ends = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    return np.vstack([_catmull_rom(ends[:-3], ends[1:-2], ends[2:-1], ends[3:], steps), p[-1:]])


def ellipse(centre: Point, rx: float, ry: float, angle: float = 0.0, n: int = 28) -> np.ndarray:
    t = np.linspace(0, 2 * np.pi, n, endpoint=False)
    x, y = rx * np.cos(t), ry * np.sin(t)
    c, s = np.cos(angle), np.sin(angle)
    return np.stack([centre[0] + c * x - s * y, centre[1] + s * x + c * y], 1)


def blob(
    rng: np.random.Generator,
    centre: Point,
    radius: float,
    wobble: float = 0.25,
    knots: int = 8,
    aspect: float = 1.0,
) -> np.ndarray:
    """A random smooth outline about `centre`: `wobble` is the radius's relative spread."""
    t = np.linspace(0, 2 * np.pi, knots, endpoint=False) + rng.uniform(0, 2 * np.pi)
    r = radius * np.clip(1 + wobble * rng.standard_normal(knots), 0.35, 1.8)
    return closed_curve(np.stack([centre[0] + r * aspect * np.cos(t), centre[1] + r * np.sin(t)], 1))


def ribbon(points: np.ndarray, widths: Sequence[float] | np.ndarray, cap: bool = False) -> np.ndarray:
    """The outline of a line drawn with a varying width (full widths, spread evenly along the points).

    `cap` rounds both ends.
    """
    p = np.asarray(points, float)
    w = np.interp(np.linspace(0, 1, len(p)), np.linspace(0, 1, len(widths)), widths) / 2
    along = np.empty_like(p)
    along[1:-1] = p[2:] - p[:-2]
    along[0], along[-1] = p[1] - p[0], p[-1] - p[-2]
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    across = np.stack([-along[:, 1], along[:, 0]], 1)
    left, right = p + across * w[:, None], p - across * w[:, None]
    if not cap:
        return np.vstack([left, right[::-1]])
    half = np.linspace(0, np.pi, 7)[1:-1, None]
    end = p[-1] + w[-1] * (np.cos(half) * across[-1] + np.sin(half) * along[-1])
    start = p[0] - w[0] * (np.cos(half) * across[0] + np.sin(half) * along[0])
    return np.vstack([left, end, right[::-1], start])


def box(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], float)


def rounded_box(x0: float, y0: float, x1: float, y1: float, radius: float) -> np.ndarray:
    r = min(radius, (x1 - x0) / 2, (y1 - y0) / 2)
    t = np.linspace(0, np.pi / 2, 5)
    corners = [(x1 - r, y1 - r, 0.0), (x0 + r, y1 - r, 0.5), (x0 + r, y0 + r, 1.0), (x1 - r, y0 + r, 1.5)]
    return np.vstack(
        [
            np.stack([cx + r * np.cos(t + q * np.pi), cy + r * np.sin(t + q * np.pi)], 1)
            for cx, cy, q in corners
        ]
    )


def lathe(profile: Sequence[Point], centre: Point, scale: float, tilt: float = 0.0) -> np.ndarray:
    """The silhouette of a turned object: `profile` lists (radius, height) from top to bottom."""
    side = open_curve(profile, 5)
    shape = np.vstack([side, side[::-1] * (-1, 1)]) * scale
    c, s = np.cos(tilt), np.sin(tilt)
    return shape @ np.array([[c, s], [-s, c]]) + np.asarray(centre)


def place(points: np.ndarray, centre: Point, scale: float, angle: float = 0.0) -> np.ndarray:
    """Points of a local frame (unit scale) in the picture."""
    c, s = np.cos(angle) * scale, np.sin(angle) * scale
    return np.asarray(points, float) @ np.array([[c, s], [-s, c]]) + np.asarray(centre)
