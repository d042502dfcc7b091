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


def eye(head: Head, side: int, closed: bool) -> Iterator[Layer]:
    x, y = side * 0.155, 0.015
    w, up, down = 0.078, 0.042, 0.024
    dark = (0.05, 0.035, 0.035)
    lash = max(head.px(0.028), 1.5)
    if closed or head.height <= SMALL_PX:
        dip = 0.02 if closed else -0.015
        arc = head.at([(x - w, y), (x, y + dip), (x + w, y)])
        lines = [Stroke(open_curve(arc, 4), lash, soft=0.55)]
        if not closed:
            spot = head.at([(x, y - 0.012), (x, y + 0.018)])
            lines.append(Stroke(spot, max(head.px(0.07), 1.5), taper=False, soft=0.6))
        yield Layer([], dark, strokes=lines)
        return
    almond = [
        (x - w, y + 0.004),
        (x - w * 0.45, y - up * 0.85),
        (x + w * 0.25, y - up),
        (x + w, y - 0.004),
        (x + w * 0.4, y + down),
        (x - w * 0.4, y + down),
    ]
    if side < 0:
        almond = [(2 * x - px, py) for px, py in almond]
    outline = head.at(closed_curve(almond, 4))
    white = scaled(mixed((0.93, 0.91, 0.9), head.skin, 0.15), 0.98)
    group = 100 + side
    yield Layer(
        outline,
        white,
        line=0.0,
        group=group,
        facing=(0, -0.2, 0.97),
        depth=head.depth,
        tints=[
            Tint(
                head.at([(x - w, y - up), (x + w, y - up), (x + w, y - 0.01), (x - w, y - 0.01)]),
                (0.6, 0.58, 0.6),
                head.px(0.012),
            )
        ],
    )
    gaze = 0.02 * np.sin(3 * head.yaw)
    centre = head.at([(x + gaze, y - 0.006)])[0]
    r = head.px(0.036)
    iris = head.iris
    squeeze = max(np.cos(head.yaw), 0.6)
    at = (float(centre[0]), float(centre[1]))
    yield Layer(
        ellipse(at, r * squeeze, r, 0, 18),
        iris,
        line=0.0,
        inside=group,
        group=group,
        strokes=[
            Stroke(
                np.array([(at[0] - r, at[1] - 0.75 * r), (at[0] + r, at[1] - 0.75 * r)]),
                0.8 * r,
                soft=0.5,
                ink=0.8,
            )
        ],
    )
    yield Layer(
        ellipse(at, 0.45 * r * squeeze, 0.45 * r, 0, 12),
        (0.03, 0.025, 0.03),
        line=0.0,
        inside=group,
        group=group,
    )
    yield Layer(
        ellipse((at[0] - 0.35 * r, at[1] - 0.4 * r), max(0.24 * r, 0.9), max(0.24 * r, 0.9), 0, 10),
        (0.97, 0.97, 0.98),
        line=0.0,
        glow=0.8,
        inside=group,
        group=group,
    )
    upper = [almond[0], almond[1], almond[2], almond[3]]
    wing = (almond[3][0] + side * 0.012, almond[3][1] - 0.006)
    lower = [almond[3], almond[4], almond[5], almond[0]]
    fold = [(px, py - 0.028) for px, py in upper]
    yield Layer(
        [],
        dark,
        strokes=[
            Stroke(open_curve(head.at([*upper, wing]), 4), lash, soft=0.6),
            Stroke(open_curve(head.at(lower), 4), max(head.px(0.008), 0.8), soft=0.2, ink=0.5),
            Stroke(open_curve(head.at(fold), 4), max(head.px(0.008), 0.8), soft=0.2, ink=0.45),
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
