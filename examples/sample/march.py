"""Sphere tracing: rays walk by the distance that the field promises is empty (Hart 1996)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .texture import Floats, vec

Field = Callable[[Floats], Floats]
"""Signed distance in metres, (N,), at points (3, N); it may underestimate, never overestimate by much."""

_STRIDE = 0.9
"""Blended fields overestimate a little: a shorter step keeps thin things whole."""


def sphere_span(origins: Floats, rays: Floats, centre: Floats, radius: float) -> tuple[Floats, Floats]:
    """Where rays enter and leave a sphere, in metres along them: (N,), (N,); enter > leave on a miss."""
    x, y, z = (origins[axis] - centre[axis] for axis in range(3))
    along = x * rays[0] + y * rays[1] + z * rays[2]
    inside = along * along - (x * x + y * y + z * z) + radius * radius
    half = np.sqrt(np.maximum(inside, 0))
    return np.where(inside > 0, np.maximum(-along - half, 0), np.inf), np.where(inside > 0, -along + half, -1)


def trace(
    field: Field, origin: Floats, rays: Floats, enter: Floats, leave: Floats, epsilon: float, steps: int = 72
) -> Floats:
    """The first surface along each ray: metres, (N,); infinity where there is none.

    Args:
        origin: (3,) or (3, N); rays: (3, N), unit length.
        enter, leave: (N,) the span of each ray that may hold the surface.
        epsilon: how near counts as touching, in metres.
    """
    origins = np.broadcast_to(origin.reshape(3, -1), rays.shape)
    found = np.full(rays.shape[1], np.inf, np.float32)
    active = np.flatnonzero(enter < leave)
    travelled = enter[active].astype(np.float32)
    for _ in range(steps):
        if not active.size:
            break
        distance = field(origins[:, active] + rays[:, active] * travelled)
        hit = distance < epsilon
        found[active[hit]] = travelled[hit]
        travelled = travelled + distance * _STRIDE
        going = ~hit & (travelled < leave[active])
        active, travelled = active[going], travelled[going]
    return found


def normals(field: Field, points: Floats, reach: float) -> Floats:
    """The field's unit gradient at (3, N), by four taps on a tetrahedron `reach` metres wide."""
    total = np.zeros_like(points)
    for corner in ((1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1)):
        tap = vec(corner)[:, None]
        total += tap * field(points + tap * reach)
    return np.asarray(total / np.maximum(np.sqrt((total * total).sum(0)), 1e-9), np.float32)


def sunlight(
    field: Field,
    points: Floats,
    sun: Floats,
    centre: Floats,
    radius: float,
    softness: float,
    start: float,
    steps: int = 26,
) -> Floats:
    """How much of the sun's disc each point sees past the field, 0 to 1: (N,).

    The penumbra is the nearest miss over the way travelled, sharpened by `softness` (Quilez 2010).
    """
    rays = np.broadcast_to(sun[:, None], points.shape)
    enter, leave = sphere_span(points, rays, centre, radius)
    seen = np.ones(points.shape[1], np.float32)
    travelled_all = np.maximum(enter, start).astype(np.float32)
    active = np.flatnonzero(travelled_all < leave)
    travelled = travelled_all[active]
    for _ in range(steps):
        if not active.size:
            break
        distance = field(points[:, active] + rays[:, active] * travelled)
        seen[active] = np.minimum(seen[active], 0.5 + 0.5 * distance * softness / travelled)
        travelled = travelled + np.clip(np.abs(distance), 0.006, 0.25)
        going = (seen[active] > 0) & (travelled < leave[active])
        active, travelled = active[going], travelled[going]
    seen = np.clip(seen, 0, 1)
    return np.asarray(seen * seen * (3 - 2 * seen), np.float32)


def openness(field: Field, points: Floats, normal: Floats, reach: float, taps: int = 5) -> Floats:
    """How open the sky is above each point, 0 to 1: (N,), from `taps` distances along the normal."""
    blocked = np.zeros(points.shape[1], np.float32)
    weight = 1.0
    for tap in range(1, taps + 1):
        height = reach * (tap / taps) ** 1.6
        blocked += weight * np.clip(height - field(points + normal * height), 0, None) / height
        weight *= 0.72
    return np.clip(1 - blocked * 0.62, 0.03, 1)
