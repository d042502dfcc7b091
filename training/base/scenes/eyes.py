"""Eyes, brows and glasses: lashes and irises are the darkest marks of a drawn face."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .colours import mixed, scaled
from .head import SMALL_PX, Head
from .layer import Layer, Stroke, Tint
from .shapes import closed_curve, ellipse, open_curve

FAR_YAW = 0.72
"""Beyond this yaw (rad) the far eye is hidden."""
EYE_X, EYE_Y = 0.155, 0.015
"""Middle of the right eye in the head's frame; the left one is mirrored."""
HALF_WIDTH, ABOVE, BELOW = 0.078, 0.042, 0.024
"""How far an eye extends from its middle."""
DARK = (0.05, 0.035, 0.035)
LEAST_LASH_PX, LEAST_IRIS_PX = 2.3, 2.6
"""Least width of an upper lid and least radius of an iris, canvas px: an inker draws small eyes larger than they
are, or they are lost."""
DIM_BELOW_PX = 150
"""Height of a head (canvas px) below which photographed eyes may be no more than dark smudges."""
Points = list[tuple[float, float]]


def eye(head: Head, side: int, closed: bool, dim: float = 0.0) -> Iterator[Layer]:
    """The right (1) or left (-1) eye, back to front; `dim` is how far the photograph has it in shade, 0 to 1."""
    lash = max(head.px(0.028), LEAST_LASH_PX)
    if closed or head.height <= SMALL_PX:
        yield _simple_eye(head, side, closed, lash)
    else:
        outline, group = _almond(side), 100 + side
        yield _eyeball(head, side, outline, group)
        yield from _iris(head, side, group)
        yield _lids(head, side, outline, lash)
    if dim:
        yield _smudge(head, side, dim)


def _smudge(head: Head, side: int, dim: float) -> Layer:
    """Shade that only the photograph has: of a small eye it often shows nothing else."""
    middle = head.at([(side * EYE_X - 0.05, EYE_Y - 0.005), (side * EYE_X + 0.05, EYE_Y - 0.005)])
    return Layer([], DARK, strokes=[Stroke(middle, head.px(0.11), taper=False, soft=dim, ink=0.0)])


def _almond(side: int) -> Points:
    """The outline of an open eye: over the upper lid to the outer corner, and back along the lower lid."""
    x, y = side * EYE_X, EYE_Y
    points = [
        (x - HALF_WIDTH, y + 0.004),
        (x - HALF_WIDTH * 0.45, y - ABOVE * 0.85),
        (x + HALF_WIDTH * 0.25, y - ABOVE),
        (x + HALF_WIDTH, y - 0.004),
        (x + HALF_WIDTH * 0.4, y + BELOW),
        (x - HALF_WIDTH * 0.4, y + BELOW),
    ]
    return points if side > 0 else [(2 * x - px, py) for px, py in points]


def _simple_eye(head: Head, side: int, closed: bool, lash: float) -> Layer:
    """A closed eye, or an open one too small for more than a line and a spot."""
    x, y = side * EYE_X, EYE_Y
    dip = 0.02 if closed else -0.015
    arc = head.at([(x - HALF_WIDTH, y), (x, y + dip), (x + HALF_WIDTH, y)])
    lines = [Stroke(open_curve(arc, 4), lash, soft=0.55)]
    if not closed:
        spot = head.at([(x, y - 0.012), (x, y + 0.018)])
        lines.append(Stroke(spot, max(head.px(0.07), 1.5), taper=False, soft=0.6))
    return Layer([], DARK, strokes=lines)


def _eyeball(head: Head, side: int, outline: Points, group: int) -> Layer:
    """The white, with the shadow of the upper lid in the photograph."""
    left, right, y = side * EYE_X - HALF_WIDTH, side * EYE_X + HALF_WIDTH, EYE_Y
    shaded = head.at([(left, y - ABOVE), (right, y - ABOVE), (right, y - 0.01), (left, y - 0.01)])
    return Layer(
        head.at(closed_curve(outline, 4)),
        scaled(mixed((0.93, 0.91, 0.9), head.skin, 0.15), 0.98),
        line=0.0,
        group=group,
        facing=(0, -0.2, 0.97),
        depth=head.depth,
        tints=[Tint(shaded, (0.6, 0.58, 0.6), head.px(0.012))],
    )


def _iris(head: Head, side: int, group: int) -> Iterator[Layer]:
    """Iris, pupil and highlight, on the eyeball only. The eye looks a little to where the head is turned."""
    gaze = 0.02 * np.sin(3 * head.yaw)
    centre = head.at([(side * EYE_X + gaze, EYE_Y - 0.006)])[0]
    x, y = float(centre[0]), float(centre[1])
    r, squeeze = max(head.px(0.036), LEAST_IRIS_PX), max(np.cos(head.yaw), 0.6)
    lid_shadow = np.array([(x - r, y - 0.75 * r), (x + r, y - 0.75 * r)])
    yield Layer(
        ellipse((x, y), r * squeeze, r, 0, 18),
        head.iris,
        line=0.0,
        inside=group,
        group=group,
        strokes=[Stroke(lid_shadow, 0.8 * r, soft=0.5, ink=0.8)],
    )
    yield Layer(
        ellipse((x, y), 0.45 * r * squeeze, 0.45 * r, 0, 12),
        (0.03, 0.025, 0.03),
        line=0.0,
        inside=group,
        group=group,
    )
    yield Layer(
        ellipse((x - 0.35 * r, y - 0.4 * r), max(0.24 * r, 0.9), max(0.24 * r, 0.9), 0, 10),
        (0.97, 0.97, 0.98),
        line=0.0,
        glow=0.8,
        inside=group,
        group=group,
    )


def _lids(head: Head, side: int, outline: Points, lash: float) -> Layer:
    """The lashes of the upper lid with a tip at the outer corner, the lower lid, and the fold above."""
    upper, corner = outline[:4], outline[3]
    tip = (corner[0] + side * 0.012, corner[1] - 0.006)
    lower = [*outline[3:], outline[0]]
    fold = [(x, y - 0.028) for x, y in upper]
    fine = max(head.px(0.008), 0.8)
    return Layer(
        [],
        DARK,
        strokes=[
            Stroke(open_curve(head.at([*upper, tip]), 4), lash, soft=0.6),
            Stroke(open_curve(head.at(lower), 4), fine, soft=0.2, ink=0.5),
            Stroke(open_curve(head.at(fold), 4), fine, soft=0.2, ink=0.45),
        ],
    )


def brows(rng: np.random.Generator, head: Head) -> Iterator[Layer]:
    arch, frown = rng.uniform(0.0, 0.03), rng.uniform(-0.02, 0.02)
    thick = max(head.px(rng.uniform(0.022, 0.042)), 1.1)
    color = scaled(mixed(head.hair, (0.1, 0.07, 0.06), 0.45), 0.9)
    lines = []
    for side in (-1, 1):
        if head.yaw * side > FAR_YAW:
            continue
        arc = head.at([(side * 0.075, -0.085 + frown), (side * 0.15, -0.1 - arch), (side * 0.235, -0.075)])
        lines.append(Stroke(open_curve(arc, 4), thick, soft=0.6, color=color))
    yield Layer([], color, strokes=lines)


def glasses(head: Head) -> Layer:
    lines = []
    for side in (-1, 1):
        ring = head.at(ellipse((side * 0.155, 0.02), 0.11, 0.08, 0, 20))
        lines.append(Stroke(np.vstack([ring, ring[:1]]), max(head.px(0.016), 1.3), taper=False, soft=0.75))
    lines.append(
        Stroke(head.at([(-0.05, 0.0), (0.05, 0.0)]), max(head.px(0.016), 1.3), taper=False, soft=0.75)
    )
    return Layer([], (0.1, 0.1, 0.1), strokes=lines)
