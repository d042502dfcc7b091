"""Our own solver for a camera that turns but does not move: a tripod's pan, tilt and roll.

All frames see the same bundle of directions, so frame i sees mark j at K R_i d_j. Rotations, directions and one
focal length (with one coefficient of distortion, where it pays) are found together by Levenberg and Marquardt's
method on the robust reprojection error; the directions are eliminated (Schur's complement), as in bundle
adjustment (Triggs et al. 2000).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from compositing.camera.bundle import HUBER_PX, Bundle, Floats, adjust, cost_of, misses, predict
from compositing.camera.marks import Marks
from compositing.camera.record import undistort
from compositing.camera.turns import turn
from compositing.errors import CannotSolve

GUESSES = np.geomspace(0.45, 6.0, 14)
"""Focal lengths tried at first, in picture widths: 96 to 9.5 degrees across."""
AT_ONCE = 60
"""Frames solved together; those between them follow, each by itself, from the directions found."""
FIRST_LOOK = 16
"""Frames from which the lens is guessed."""
STRAYS = 4.0
"""Observations that miss by this many medians are left out of the second solve."""
PAYS = 0.95
"""Distortion is believed when it takes the cost at least this far down."""


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
        CannotSolve: too few marks lead from one frame to the next.
    """
    centre = (np.asarray(size, np.float64) - 1) / 2
    flat = (marks.place - centre) / (1.0, aspect)
    used = chosen_frames(marks.frames, AT_ONCE)
    few, places = _renumbered(marks, flat, used)
    if focal_px is not None:
        start = _begin(few, places, focal_px)
        return _all_frames(marks, flat, used, adjust(few, places, start, size[0], free=()))
    start = _begin(few, places, _guess_focal(marks, flat, size[0]))
    rough = adjust(few, places, start, size[0], free=("focal",))
    miss = misses(rough, few, places)
    sound = miss < max(STRAYS * float(np.median(miss)), 1.0)
    few, places = (
        replace(few, frame=few.frame[sound], mark=few.mark[sound], place=few.place[sound]),
        places[sound],
    )
    best = adjust(few, places, rough, size[0], free=("focal",))
    curved = adjust(few, places, best, size[0], free=("focal", "k1"))
    if cost_of(few, places, curved) < PAYS * cost_of(few, places, best):
        best = curved
    return _all_frames(marks, flat, used, best)


def _guess_focal(marks: Marks, flat: Floats, width: int) -> float:
    """The focal length from which the cost falls lowest, on a handful of frames."""
    few, places = _renumbered(marks, flat, chosen_frames(marks.frames, FIRST_LOOK))
    starts = [_begin(few, places, guess * width) for guess in GUESSES]
    starts.sort(key=lambda start: cost_of(few, places, start))
    solved = [adjust(few, places, start, width, free=("focal",), steps=12) for start in starts[:3]]
    return min(solved, key=lambda each: cost_of(few, places, each)).focal_px


def chosen_frames(count: int, most: int) -> NDArray[np.int64]:
    """At most `most` frames, evenly spread, the first and the last among them."""
    return np.unique(np.rint(np.linspace(0, count - 1, min(count, most))).astype(np.int64))


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
            raise CannotSolve(f"Only {len(before)} marks lead from one part of the shot to the next.")
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
            raise CannotSolve(f"Frame {number} shows only {len(here)} marks that other frames show.")
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
