"""Rotations: vectors, matrices and the ways between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Vectors = NDArray[np.float64]


def turn(vectors: Vectors) -> Matrix:
    """Rotation matrices (..., 3, 3) of rotation vectors (..., 3), radians (Rodrigues)."""
    vectors = np.asarray(vectors, np.float64)
    angle = np.linalg.norm(vectors, axis=-1)[..., None, None]
    cross = skew(vectors)
    small = angle < 1e-8
    safe = np.where(small, 1.0, angle)
    sine = np.where(small, 1.0, np.sin(safe) / safe)
    cosine = np.where(small, 0.5, (1 - np.cos(safe)) / (safe * safe))
    return np.asarray(np.eye(3) + sine * cross + cosine * (cross @ cross))


def vector(matrices: Matrix) -> Vectors:
    """The rotation vectors (..., 3), radians, of rotation matrices (..., 3, 3): the inverse of `turn`."""
    w, xyz = quaternion(matrices)
    length = np.linalg.norm(xyz, axis=-1, keepdims=True)
    angle = 2 * np.arctan2(length, w[..., None])
    return np.asarray(np.where(length < 1e-12, 2 * xyz, xyz * (angle / np.where(length < 1e-12, 1, length))))


def quaternion(matrices: Matrix) -> tuple[Vectors, Vectors]:
    """Unit quaternions of rotation matrices (..., 3, 3): the real part (...), zero or more, and (..., 3)."""
    m = np.asarray(matrices, np.float64)
    trace = np.trace(m, axis1=-2, axis2=-1)
    rows = [1 + trace]
    rows += [1 + 2 * m[..., k, k] - trace for k in range(3)]
    squares = np.maximum(np.stack(rows, -1), 0)
    best = squares.argmax(-1)
    off = np.stack(
        [m[..., 2, 1] - m[..., 1, 2], m[..., 0, 2] - m[..., 2, 0], m[..., 1, 0] - m[..., 0, 1]], -1
    )
    both = np.stack(
        [m[..., 2, 1] + m[..., 1, 2], m[..., 0, 2] + m[..., 2, 0], m[..., 1, 0] + m[..., 0, 1]], -1
    )
    w, x, y, z = (squares[..., k] for k in range(4))
    options = np.stack(
        [
            np.stack([w, off[..., 0], off[..., 1], off[..., 2]], -1),
            np.stack([off[..., 0], x, both[..., 2], both[..., 1]], -1),
            np.stack([off[..., 1], both[..., 2], y, both[..., 0]], -1),
            np.stack([off[..., 2], both[..., 1], both[..., 0], z], -1),
        ],
        -2,
    )
    chosen = np.take_along_axis(options, best[..., None, None], axis=-2)[..., 0, :]
    chosen = chosen / np.linalg.norm(chosen, axis=-1, keepdims=True)
    chosen = np.where(chosen[..., :1] < 0, -chosen, chosen)
    return chosen[..., 0], chosen[..., 1:]


def from_quaternion(w: Vectors, xyz: Vectors) -> Matrix:
    """Rotation matrices (..., 3, 3) of quaternions, which need not have unit length."""
    q = np.concatenate([np.asarray(w, np.float64)[..., None], np.asarray(xyz, np.float64)], -1)
    q = q / np.linalg.norm(q, axis=-1, keepdims=True)
    cross = skew(q[..., 1:])
    return np.asarray(np.eye(3) + 2 * (q[..., :1, None] * cross + cross @ cross))


def skew(vectors: Vectors) -> Matrix:
    """The matrices (..., 3, 3) whose product is the cross product with `vectors` (..., 3)."""
    x, y, z = np.moveaxis(np.asarray(vectors, np.float64), -1, 0)
    zero = np.zeros_like(x)
    flat = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1)
    return flat.reshape(*x.shape, 3, 3)


def about(axis: str, degrees: float | Vectors) -> Matrix:
    """Turns about the axis 'x', 'y' or 'z', (..., 3, 3); positive is counterclockwise seen from its tip."""
    angle = np.deg2rad(np.asarray(degrees, np.float64))
    unit = np.eye(3)["xyz".index(axis)]
    return turn(angle[..., None] * unit)


def angles_zxy(matrices: Matrix) -> Vectors:
    """Degrees (..., 3) about x, y and z with matrix = Z(z) X(x) Y(y): the order that Nuke's cameras have."""
    m = np.asarray(matrices, np.float64)
    x = np.arcsin(np.clip(m[..., 2, 1], -1, 1))
    y = np.arctan2(-m[..., 2, 0], m[..., 2, 2])
    z = np.arctan2(-m[..., 0, 1], m[..., 1, 1])
    return np.rad2deg(np.stack([x, y, z], -1))


def from_angles_zxy(degrees: Vectors) -> Matrix:
    """The inverse of `angles_zxy`."""
    x, y, z = np.moveaxis(np.asarray(degrees, np.float64), -1, 0)
    return np.asarray(about("z", z) @ about("x", x) @ about("y", y))


def blend(before: Matrix, after: Matrix, part: float) -> Matrix:
    """Between two poses (4, 4): the shortest turn at an even speed, and a straight line."""
    pose = np.eye(4)
    first, last = before[:3, :3], after[:3, :3]
    pose[:3, :3] = first @ turn(part * vector(first.T @ last))
    pose[:3, 3] = (1 - part) * before[:3, 3] + part * after[:3, 3]
    return pose
