"""The bundle of directions that a turning camera sees, adjusted: robust least squares with the marks eliminated.

Levenberg and Marquardt's method on the reprojection error by Huber's measure; the directions drop out by Schur's
complement, as in bundle adjustment (Triggs et al. 2000).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compositing.camera.marks import Marks
from compositing.camera.turns import turn

Floats = NDArray[Any]
"""Float64."""

HUBER_PX = 1.0
"""Misses beyond this count by their size, not their square."""
PRIOR = 0.7
"""How sure the solver is beforehand of a common lens (about 52 degrees across): the spread of log focal length."""
COMMON = 1.0
"""A common lens, as its focal length in picture widths."""
STEPS = 30
"""At most, of Levenberg and Marquardt's method."""


@dataclass(frozen=True)
class Bundle:
    """A solved turn: `rotation` takes directions of the first frame's OpenCV axes to each frame's, (N, 3, 3).

    `focal_px` and its standard deviation; `k1` of the distortion; the marks' unit directions, (M, 3), in the first
    frame's axes.
    """

    rotation: Floats
    focal_px: float
    focal_sd_px: float
    k1: float
    directions: Floats


def predict(bundle: Bundle, frame: NDArray[np.int64], mark: NDArray[np.int64]) -> Floats:
    """Where observations (frame, mark) should lie: (K, 2) px from the picture's centre, square pixels."""
    seen = np.einsum("kab,kb->ka", bundle.rotation[frame], bundle.directions[mark])
    flat = seen[:, :2] / np.where(np.abs(seen[:, 2:]) < 1e-9, 1e-9, seen[:, 2:])
    square = (flat * flat).sum(1, keepdims=True)
    return np.asarray(bundle.focal_px * flat * (1 + bundle.k1 * square))


def misses(bundle: Bundle, marks: Marks, flat: Floats) -> Floats:
    """How far each observation lies from its prediction, (K,) px."""
    return np.linalg.norm(predict(bundle, marks.frame, marks.mark) - flat, axis=1)


def cost_of(marks: Marks, flat: Floats, bundle: Bundle) -> float:
    """The mean of Huber's measure of all misses, px squared."""
    miss = misses(bundle, marks, flat)
    return float(np.where(miss < HUBER_PX, miss * miss, 2 * HUBER_PX * miss - HUBER_PX**2).mean())


def adjust(
    marks: Marks, flat: Floats, start: Bundle, width: int, free: tuple[str, ...], steps: int = STEPS
) -> Bundle:
    """Levenberg and Marquardt from a start. `free` names what of the lens is found too: focal, k1."""
    best, lowest = start, _robust(marks, flat, start, width, free)
    damping = 1e-3
    for _ in range(steps):
        system = _normal(marks, flat, best, width, free)
        improved = False
        while damping < 1e8:
            candidate = _step(best, system, damping, free)
            cost = _robust(marks, flat, candidate, width, free)
            if cost < lowest:
                improved, gain = True, lowest - cost
                best, lowest, damping = candidate, cost, max(damping / 5, 1e-9)
                break
            damping *= 5
        if not improved or gain < 1e-7 * lowest + 1e-15:
            break
    return replace(best, focal_sd_px=_spread(marks, flat, best, width, free))


def _robust(marks: Marks, flat: Floats, bundle: Bundle, width: int, free: tuple[str, ...]) -> float:
    cost = cost_of(marks, flat, bundle) * len(flat)
    if "focal" in free:
        cost += (np.log(bundle.focal_px / (COMMON * width)) / PRIOR) ** 2
    return float(cost)


@dataclass(frozen=True)
class NormalEquations:
    """The normal equations with the directions eliminated: frames first, then the lens."""

    reduced: Floats
    right: Floats
    cross: Floats
    inverse: Floats
    right_marks: Floats
    basis: Floats
    diagonal: Floats


@dataclass(frozen=True)
class Derivatives:
    """How each observation's miss changes, (K, 2, n), weighted by Huber's measure as the misses are, (K, 2).

    By a small turn of its frame (n = 3), by a step of its mark across its direction (n = 2, along `basis`), and by
    those numbers of the lens that are free.
    """

    residual: Floats
    by_turn: Floats
    by_mark: Floats
    by_lens: Floats
    basis: Floats


def _derivatives(marks: Marks, flat: Floats, bundle: Bundle, free: tuple[str, ...]) -> Derivatives:
    frame, mark = marks.frame, marks.mark
    seen = np.einsum("kab,kb->ka", bundle.rotation[frame], bundle.directions[mark])
    depth = np.where(np.abs(seen[:, 2:]) < 1e-9, 1e-9, seen[:, 2:])
    plane = seen[:, :2] / depth
    square = (plane * plane).sum(1)
    radial = 1 + bundle.k1 * square
    residual = bundle.focal_px * plane * radial[:, None] - flat
    miss = np.linalg.norm(residual, axis=1)
    weight = np.where(miss < HUBER_PX, 1.0, HUBER_PX / np.maximum(miss, 1e-12))

    on_plane = radial[:, None, None] * np.eye(2) + 2 * bundle.k1 * plane[:, :, None] * plane[:, None, :]
    to_plane = np.zeros((len(frame), 2, 3))
    to_plane[:, 0, 0] = to_plane[:, 1, 1] = 1 / depth[:, 0]
    to_plane[:, :, 2] = -plane / depth
    by_seen = bundle.focal_px * on_plane @ to_plane
    # A small turn w after R moves what is seen by w x seen; a mark moves in the plane across its direction.
    x, y, z = seen.T
    zero = np.zeros_like(x)
    turned = np.stack([zero, z, -y, -z, zero, x, y, -x, zero], -1).reshape(-1, 3, 3)
    basis = _across(bundle.directions)
    lens = [residual + flat] if "focal" in free else []  # in steps of log focal length
    if "k1" in free:
        lens.append(bundle.focal_px * plane * square[:, None])
    root = np.sqrt(weight)[:, None, None]
    return Derivatives(
        residual * root[:, :, 0],
        by_seen @ turned * root,
        by_seen @ bundle.rotation[frame] @ basis[mark] * root,
        (np.stack(lens, -1) if lens else np.empty((len(frame), 2, 0))) * root,
        basis,
    )


def _normal(marks: Marks, flat: Floats, bundle: Bundle, width: int, free: tuple[str, ...]) -> NormalEquations:
    change = _derivatives(marks, flat, bundle, free)
    frame, mark, residual = marks.frame, marks.mark, change.residual
    turn_rows, mark_rows, lens_rows = (
        each.transpose(0, 2, 1) for each in (change.by_turn, change.by_mark, change.by_lens)
    )
    count, extra = 3 * marks.frames, change.by_lens.shape[2]
    full = np.zeros((count + extra, count + extra))
    blocks = np.zeros((marks.frames, 3, 3))
    np.add.at(blocks, frame, turn_rows @ change.by_turn)
    for number in range(marks.frames):
        full[3 * number : 3 * number + 3, 3 * number : 3 * number + 3] = blocks[number]
    turns_lens = np.zeros((marks.frames, 3, extra))
    np.add.at(turns_lens, frame, turn_rows @ change.by_lens)
    full[:count, count:] = turns_lens.reshape(count, extra)
    full[count:, :count] = full[:count, count:].T
    full[count:, count:] = np.einsum("kab,kac->bc", change.by_lens, change.by_lens)
    right = np.zeros(count + extra)
    np.add.at(right[:count].reshape(-1, 3), frame, -np.einsum("kab,ka->kb", change.by_turn, residual))
    right[count:] = -np.einsum("kab,ka->b", change.by_lens, residual)
    if "focal" in free:
        full[count, count] += 1 / PRIOR**2
        right[count] -= np.log(bundle.focal_px / (COMMON * width)) / PRIOR**2

    own = np.zeros((marks.marks, 2, 2))
    np.add.at(own, mark, mark_rows @ change.by_mark)
    own[:, 0, 0] += 1e-9
    own[:, 1, 1] += 1e-9
    right_marks = np.zeros((marks.marks, 2))
    np.add.at(right_marks, mark, -np.einsum("kab,ka->kb", change.by_mark, residual))
    cross = np.zeros((count + extra, marks.marks, 2))
    together = turn_rows @ change.by_mark
    for axis in range(3):
        np.add.at(cross, (3 * frame + axis, mark), together[:, axis])
    by_lens_mark = lens_rows @ change.by_mark
    for axis in range(extra):
        np.add.at(cross[count + axis], mark, by_lens_mark[:, axis])
    return NormalEquations(full, right, cross, own, right_marks, change.basis, np.diag(full).copy())


def _step(bundle: Bundle, system: NormalEquations, damping: float, free: tuple[str, ...]) -> Bundle:
    own = system.inverse.copy()
    own[:, [0, 1], [0, 1]] *= 1 + damping
    inverse = np.linalg.inv(own)
    reduced, right = _reduce(system, inverse)
    reduced = reduced + np.diag(damping * system.diagonal + 1e-12)
    inner = slice(3, None)  # the first frame stays: it is the world
    change = np.zeros(len(right))
    change[inner] = np.linalg.solve(reduced[inner, inner], right[inner])
    of_marks = np.einsum(
        "mab,mb->ma", inverse, system.right_marks - np.einsum("cma,c->ma", system.cross, change)
    )
    count = 3 * len(bundle.rotation)
    directions = bundle.directions + np.einsum("mab,mb->ma", system.basis, of_marks)
    lens = change[count:]
    return replace(
        bundle,
        rotation=turn(change[:count].reshape(-1, 3)) @ bundle.rotation,
        directions=directions / np.linalg.norm(directions, axis=1, keepdims=True),
        focal_px=bundle.focal_px * float(np.exp(np.clip(lens[0], -0.5, 0.5)))
        if "focal" in free
        else bundle.focal_px,
        k1=bundle.k1 + float(lens[1]) if "k1" in free else bundle.k1,
    )


def _reduce(system: NormalEquations, inverse: Floats) -> tuple[Floats, Floats]:
    weighted = np.einsum("cma,mab->cmb", system.cross, inverse)
    rows = len(system.right)
    flat = weighted.reshape(rows, -1)
    reduced = system.reduced - flat @ system.cross.reshape(rows, -1).T
    return reduced, system.right - flat @ system.right_marks.ravel()


def _spread(marks: Marks, flat: Floats, bundle: Bundle, width: int, free: tuple[str, ...]) -> float:
    """The focal length's standard deviation, px, by the curvature of the cost where it is lowest."""
    if "focal" not in free:
        return 0.0
    system = _normal(marks, flat, bundle, width, free)
    reduced, _ = _reduce(system, np.linalg.inv(system.inverse))
    inner = reduced[3:, 3:] + 1e-9 * np.eye(len(reduced) - 3)
    miss = misses(bundle, marks, flat)
    freedom = max(2 * len(flat) - 3 * marks.frames - 2 * marks.marks, 1)
    noise = float((np.minimum(miss, HUBER_PX) ** 2).sum() / freedom)
    place = 3 * marks.frames - 3
    return float(bundle.focal_px * np.sqrt(max(noise, 1e-6) * np.linalg.inv(inner)[place, place]))


def _across(directions: Floats) -> Floats:
    """Two unit vectors across each direction, (M, 3, 2)."""
    least = np.eye(3)[np.abs(directions).argmin(axis=1)]
    first = np.cross(directions, least)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    return np.stack([first, np.cross(directions, first)], -1)
