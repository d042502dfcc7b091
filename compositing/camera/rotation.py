"""Our own solver for a camera that turns but does not move: a tripod's pan, tilt and roll.

All frames see the same bundle of directions, so frame i sees mark j at K R_i d_j. Rotations, directions and one
focal length (with one coefficient of distortion, where it pays) are found together by Levenberg and Marquardt's
method on the robust reprojection error; the directions are eliminated (Schur's complement), as in bundle
adjustment (Triggs et al. 2000).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compositing.camera.marks import Marks
from compositing.camera.record import undistort
from compositing.camera.turns import turn

Floats = NDArray[Any]
"""Float64."""

HUBER_PX = 1.0
"""Misses beyond this count by their size, not their square."""
GUESSES = np.geomspace(0.45, 6.0, 14)
"""Focal lengths tried at first, in picture widths: 96 to 9.5 degrees across."""
PRIOR = 0.7
"""How sure the solver is beforehand of a common lens (about 52 degrees across): the spread of log focal length."""
COMMON = 1.0
AT_ONCE = 60
"""Frames solved together; those between them follow, each by itself, from the directions found."""
STEPS = 30
FIRST_LOOK = 16
"""Frames from which the lens is guessed."""
STRAYS = 4.0
"""Observations that miss by this many medians are left out of the second solve."""
PAYS = 0.95
"""Distortion is believed when it takes the cost at least this far down."""


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


def solve_rotation(
    marks: Marks, size: tuple[int, int], *, focal_px: float | None = None, aspect: float = 1.0
) -> Bundle:
    """Finds the turn of every frame, and the lens unless it is given.

    Args:
        marks: of one shot; every frame must share marks with the one before.
        size: of the picture, px.
        focal_px: the focal length across, where it is known.
        aspect: focal length down, in units of that across (1 for square pixels).

    Raises:
        ValueError: too few marks lead from one frame to the next.
    """
    centre = (np.asarray(size, np.float64) - 1) / 2
    flat = (marks.place - centre) / (1.0, aspect)
    used = chosen_frames(marks.frames, AT_ONCE)
    few, places = _renumbered(marks, flat, used)
    if focal_px is not None:
        start = _begin(few, places, focal_px)
        return _all_frames(marks, flat, used, _adjust(few, places, start, size[0], free=()))
    start = _begin(few, places, _guess_focal(marks, flat, size[0]))
    rough = _adjust(few, places, start, size[0], free=("focal",))
    miss = misses(rough, few, places)
    sound = miss < max(STRAYS * float(np.median(miss)), 1.0)
    few, places = (
        replace(few, frame=few.frame[sound], mark=few.mark[sound], place=few.place[sound]),
        places[sound],
    )
    best = _adjust(few, places, rough, size[0], free=("focal",))
    curved = _adjust(few, places, best, size[0], free=("focal", "k1"))
    if _cost(few, places, curved) < PAYS * _cost(few, places, best):
        best = curved
    return _all_frames(marks, flat, used, best)


def _guess_focal(marks: Marks, flat: Floats, width: int) -> float:
    """The focal length from which the cost falls lowest, on a handful of frames."""
    few, places = _renumbered(marks, flat, chosen_frames(marks.frames, FIRST_LOOK))
    starts = [_begin(few, places, guess * width) for guess in GUESSES]
    starts.sort(key=lambda start: _cost(few, places, start))
    solved = [_adjust(few, places, start, width, free=("focal",), steps=12) for start in starts[:3]]
    return min(solved, key=lambda each: _cost(few, places, each)).focal_px


def chosen_frames(count: int, most: int) -> NDArray[np.int64]:
    """At most `most` frames, evenly spread, the first and the last among them."""
    return np.unique(np.rint(np.linspace(0, count - 1, min(count, most))).astype(np.int64))


def predict(bundle: Bundle, frame: NDArray[np.int64], mark: NDArray[np.int64]) -> Floats:
    """Where observations (frame, mark) should lie: (K, 2) px from the picture's centre, square pixels."""
    seen = np.einsum("kab,kb->ka", bundle.rotation[frame], bundle.directions[mark])
    flat = seen[:, :2] / np.where(np.abs(seen[:, 2:]) < 1e-9, 1e-9, seen[:, 2:])
    square = (flat * flat).sum(1, keepdims=True)
    return np.asarray(bundle.focal_px * flat * (1 + bundle.k1 * square))


def misses(bundle: Bundle, marks: Marks, flat: Floats) -> Floats:
    """How far each observation lies from its prediction, (K,) px."""
    return np.linalg.norm(predict(bundle, marks.frame, marks.mark) - flat, axis=1)


def _renumbered(marks: Marks, flat: Floats, used: NDArray[np.int64]) -> tuple[Marks, Floats]:
    """The observations in the frames `used`, frames and marks counted from 0, and their places in `flat`."""
    keep = np.isin(marks.frame, used)
    frame = np.searchsorted(used, marks.frame[keep])
    few = Marks(frame, marks.mark[keep], marks.place[keep], len(used))
    return few.where(np.ones(len(few), bool)), flat[keep]


def _begin(marks: Marks, flat: Floats, focal_px: float) -> Bundle:
    """A chain of turns from frame to frame, and the marks' mean directions."""
    rays = np.concatenate([flat / focal_px, np.ones((len(flat), 1))], axis=1)
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    rotation = np.tile(np.eye(3), (marks.frames, 1, 1))
    for number in range(1, marks.frames):
        before, after = marks.shared(number - 1, number)
        if len(before) < 3:
            raise ValueError(f"only {len(before)} marks lead from one part of the shot to the next.")
        rotation[number] = _kabsch(rays[before], rays[after]) @ rotation[number - 1]
    directions = np.zeros((marks.marks, 3))
    np.add.at(directions, marks.mark, np.einsum("kba,kb->ka", rotation[marks.frame], rays))
    directions /= np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-12)
    directions[~directions.any(axis=1)] = (0.0, 0.0, 1.0)
    return Bundle(rotation, focal_px, float("inf"), 0.0, directions)


def _kabsch(before: Floats, after: Floats) -> Floats:
    """The turn that takes directions `before` to `after`, (N, 3) each, strays left out (Kabsch 1976)."""
    keep = np.ones(len(before), bool)
    found = np.eye(3)
    for _ in range(3):
        left, _, right = np.linalg.svd(after[keep].T @ before[keep])
        found = left @ np.diag([1, 1, np.linalg.det(left @ right)]) @ right
        miss = np.linalg.norm(before @ found.T - after, axis=1)
        keep = miss <= max(2.5 * float(np.median(miss)), 1e-9)
        if keep.sum() < 3:
            break
    return np.asarray(found)


def _cost(marks: Marks, flat: Floats, bundle: Bundle) -> float:
    miss = misses(bundle, marks, flat)
    return float(np.where(miss < HUBER_PX, miss * miss, 2 * HUBER_PX * miss - HUBER_PX**2).mean())


def _adjust(
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
    cost = _cost(marks, flat, bundle) * len(flat)
    if "focal" in free:
        cost += (np.log(bundle.focal_px / (COMMON * width)) / PRIOR) ** 2
    return float(cost)


@dataclass(frozen=True)
class System:
    """The normal equations with the directions eliminated: frames first, then the lens."""

    reduced: Floats
    right: Floats
    cross: Floats
    inverse: Floats
    right_marks: Floats
    basis: Floats
    diagonal: Floats


def _normal(marks: Marks, flat: Floats, bundle: Bundle, width: int, free: tuple[str, ...]) -> System:
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
    by_turn = by_seen @ turned
    basis = _across(bundle.directions)
    by_mark = by_seen @ bundle.rotation[frame] @ basis[mark]
    lens = [residual + flat] if "focal" in free else []
    if "k1" in free:
        lens.append(bundle.focal_px * plane * square[:, None])
    by_lens = np.stack(lens, -1) if lens else np.empty((len(frame), 2, 0))

    count, extra = 3 * marks.frames, by_lens.shape[2]
    root = np.sqrt(weight)[:, None, None]
    by_turn, by_mark, by_lens = by_turn * root, by_mark * root, by_lens * root
    residual = residual * root[:, :, 0]
    full = np.zeros((count + extra, count + extra))
    blocks = np.zeros((marks.frames, 3, 3))
    np.add.at(blocks, frame, by_turn.transpose(0, 2, 1) @ by_turn)
    for number in range(marks.frames):
        full[3 * number : 3 * number + 3, 3 * number : 3 * number + 3] = blocks[number]
    turns_lens = np.zeros((marks.frames, 3, extra))
    np.add.at(turns_lens, frame, by_turn.transpose(0, 2, 1) @ by_lens)
    full[:count, count:] = turns_lens.reshape(count, extra)
    full[count:, :count] = full[:count, count:].T
    full[count:, count:] = np.einsum("kab,kac->bc", by_lens, by_lens)
    right = np.zeros(count + extra)
    np.add.at(right[:count].reshape(-1, 3), frame, -np.einsum("kab,ka->kb", by_turn, residual))
    right[count:] = -np.einsum("kab,ka->b", by_lens, residual)
    if "focal" in free:  # in steps of log focal length
        full[count, count] += 1 / PRIOR**2
        right[count] -= np.log(bundle.focal_px / (COMMON * width)) / PRIOR**2

    own = np.zeros((marks.marks, 2, 2))
    np.add.at(own, mark, by_mark.transpose(0, 2, 1) @ by_mark)
    own[:, 0, 0] += 1e-9
    own[:, 1, 1] += 1e-9
    right_marks = np.zeros((marks.marks, 2))
    np.add.at(right_marks, mark, -np.einsum("kab,ka->kb", by_mark, residual))
    cross = np.zeros((count + extra, marks.marks, 2))
    together = by_turn.transpose(0, 2, 1) @ by_mark
    for axis in range(3):
        np.add.at(cross, (3 * frame + axis, mark), together[:, axis])
    by_lens_mark = by_lens.transpose(0, 2, 1) @ by_mark
    for axis in range(extra):
        np.add.at(cross[count + axis], mark, by_lens_mark[:, axis])
    return System(full, right, cross, own, right_marks, basis, np.diag(full).copy())


def _step(bundle: Bundle, system: System, damping: float, free: tuple[str, ...]) -> Bundle:
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


def _reduce(system: System, inverse: Floats) -> tuple[Floats, Floats]:
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


def _all_frames(marks: Marks, flat: Floats, used: NDArray[np.int64], few: Bundle) -> Bundle:
    """Every frame's turn and every mark's direction, from those of the frames `used`."""
    solved = np.unique(marks.mark[np.isin(marks.frame, used)])
    known = np.isin(np.arange(marks.marks), solved)
    directions = np.tile((0.0, 0.0, 1.0), (marks.marks, 1))
    directions[solved] = few.directions
    few = replace(few, directions=directions)
    rotation = np.zeros((marks.frames, 3, 3))
    rotation[used] = few.rotation
    for number in range(marks.frames):
        if number in used:
            continue
        here = np.flatnonzero((marks.frame == number) & known[marks.mark])
        if len(here) < 3:
            raise ValueError(f"frame {number} shows only {len(here)} marks that other frames show.")
        before = rotation[number - 1]
        rotation[number] = _turn_one(few, before, few.directions[marks.mark[here]], flat[here])
    return replace(few, rotation=rotation, directions=_met(marks, flat, rotation, few, known))


def _met(marks: Marks, flat: Floats, rotation: Floats, lens: Bundle, known: NDArray[np.bool_]) -> Floats:
    """The marks' directions; those that were not solved for are the mean of where the frames see them."""
    late = ~known[marks.mark]
    directions = lens.directions.copy()
    if late.any():
        plane = undistort(flat[late] / lens.focal_px, (lens.k1, 0.0, 0.0, 0.0, 0.0))
        rays = np.concatenate([plane, np.ones((len(plane), 1))], axis=1)
        rays /= np.linalg.norm(rays, axis=1, keepdims=True)
        total = np.zeros((marks.marks, 3))
        np.add.at(total, marks.mark[late], np.einsum("kba,kb->ka", rotation[marks.frame[late]], rays))
        seen = total.any(axis=1)
        directions[seen] = total[seen] / np.linalg.norm(total[seen], axis=1, keepdims=True)
    return directions


def _turn_one(lens: Bundle, start: Floats, directions: Floats, flat: Floats) -> Floats:
    """One frame's turn from known directions, by Gauss and Newton's method."""
    order = np.arange(len(flat))
    zeros = np.zeros(len(flat), np.int64)
    found = start
    for _ in range(15):
        trial = replace(lens, rotation=found[None], directions=directions)
        one = Marks(zeros, order, flat, 1)
        residual = predict(trial, zeros, order) - flat
        jacobian = np.stack(
            [
                (
                    predict(replace(trial, rotation=(turn(step) @ found)[None]), one.frame, one.mark)
                    - flat
                    - residual
                )
                / 1e-6
                for step in 1e-6 * np.eye(3)
            ],
            -1,
        )
        miss = np.linalg.norm(residual, axis=1)
        weight = np.where(miss < HUBER_PX, 1.0, HUBER_PX / np.maximum(miss, 1e-12))[:, None, None]
        normal = np.einsum("kab,kac->bc", jacobian * weight, jacobian)
        change = -np.linalg.solve(
            normal + 1e-9 * np.eye(3), np.einsum("kab,ka->b", jacobian * weight, residual)
        )
        found = turn(change) @ found
        if np.abs(change).max() < 1e-9:
            break
    return np.asarray(found)
