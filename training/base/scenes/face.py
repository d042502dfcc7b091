"""A face: soft shaded features in the photograph, clean dark marks on flat skin in the drawing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .colours import mixed, scaled
from .eyes import DIM_BELOW_PX, FAR_YAW, brows, eye, glasses
from .head import SKIN_GROUP, SMALL_PX, Head, skull
from .layer import Bump, Layer, Stroke, Texture, Tint
from .mouth import mouth
from .shapes import closed_curve, ellipse, open_curve

DIM_SHARE = 0.7
"""Share of small faces whose eyes are in shade."""


def face(rng: np.random.Generator, head: Head, beard: bool) -> Iterator[Layer]:
    """Ears, face and its features, back to front; hair comes from `hair`."""
    for side in (-1, 1):
        if head.yaw * side < 0.25 and not head.profile:
            yield _ear(head, side)
    closed = rng.random() < 0.14
    skin = head.skin
    tints, bumps, strokes = _modelling(head)
    yield Layer(
        skull(head),
        skin,
        round=head.px(0.3),
        line=1.0 if head.height > SMALL_PX else 0.75,
        group=SKIN_GROUP,
        flesh=True,
        shadow=0.55,
        reach=head.px(0.1),
        gloss=0.16,
        sharp=14,
        depth=head.depth,
        texture=Texture("concrete", 0.035, 0.4),
        tints=tints,
        bumps=bumps,
        strokes=strokes,
    )
    if head.profile:
        yield _ear(head, -1 if head.yaw > 0 else 1)
        yield _nose(head)
    if beard:
        yield from _beard(head)
    yield from mouth(rng, head)
    dim = float(rng.uniform(0, 0.75)) if head.height < DIM_BELOW_PX and rng.random() < DIM_SHARE else 0.0
    for side in (-1, 1):
        if head.yaw * side > FAR_YAW:
            continue
        yield from eye(head, side, closed, dim)
    yield from brows(rng, head)
    if rng.random() < 0.1 and head.height > SMALL_PX:
        yield glasses(head)


def _ear(head: Head, side: int) -> Layer:
    frontal = side * head.width * 1.02 - 0.1 * np.sin(head.yaw)
    turned = side * head.width * np.cos(head.yaw) * 0.75
    x = frontal + (turned - frontal) * head.profile
    centre = head.flat([(x, 0.06)])[0]
    wide = 0.055 + 0.02 * head.profile
    return Layer(
        ellipse((centre[0], centre[1]), head.px(wide), head.px(0.1), head.roll + 0.15 * side, 16),
        scaled(head.skin, (0.97, 0.9, 0.88)),
        round=head.px(0.05),
        line=0.8,
        depth=head.depth,
        shadow=0.3,
        reach=head.px(0.04),
        flesh=True,
    )


def _nose(head: Head) -> Layer:
    """The nose of a turned face stands out over the cheek; its line shows where it leaves the face."""
    away = -1.0 if head.yaw > 0 else 1.0
    ridge = [(0.0, 0.0), (0.0, 0.1), (0.0, 0.185), (0.0, 0.225)]
    wing = [(away * 0.03, 0.235), (away * 0.05, 0.2), (away * 0.02, 0.08)]
    stands = 0.4 + 0.6 * head.profile
    out = [stands * h for h in (0.0, 0.045, 0.1, 0.075, 0.02, 0.0, 0.0)]
    return Layer(
        closed_curve(head.at(ridge + wing, out), 4),
        head.skin,
        round=head.px(0.05),
        line=0.9,
        group=SKIN_GROUP,
        depth=head.depth,
        texture=Texture("concrete", 0.035, 0.4),
        flesh=True,
    )


def _modelling(head: Head) -> tuple[list[Tint], list[Bump], list[Stroke]]:
    """The relief of the face, its soft photographic shadows, and the drawn nose."""
    nose = head.at([(0, 0.2), (0, 0.06), (-0.035, 0.225), (0.035, 0.225)])
    px = head.px
    bumps = [
        Bump(tuple(nose[0]), px(0.05), px(0.045), px(0.06), head.roll, drawn=True),
        Bump(tuple(nose[1]), px(0.035), px(0.1), px(0.035), head.roll, drawn=True),
    ]
    tints: list[Tint] = []
    strokes: list[Stroke] = []
    if head.height <= SMALL_PX:
        under = head.at([(-0.03, 0.225), (0.03, 0.225)])
        strokes.append(Stroke(under, max(px(0.025), 0.9), soft=0.25, ink=0.55))
        return tints, bumps, strokes
    for side in (-1, 1):
        socket, cheek, lip = head.at([(side * 0.15, 0.0), (side * 0.19, 0.17), (side * 0.05, 0.32)])
        bumps += [
            Bump(tuple(socket), px(0.075), px(0.05), -px(0.035), head.roll),
            Bump(tuple(cheek), px(0.085), px(0.08), px(0.02), head.roll),
            Bump(tuple(lip), px(0.06), px(0.035), px(0.015), head.roll),
        ]
        tints += [
            Tint(ellipse(tuple(socket), px(0.1), px(0.065), head.roll, 14), (0.82, 0.76, 0.76), px(0.03)),
            Tint(ellipse(tuple(cheek), px(0.09), px(0.06), head.roll, 14), (1.02, 0.92, 0.9), px(0.04)),
            Tint(
                ellipse(tuple(nose[2 if side < 0 else 3]), px(0.016), px(0.01), head.roll, 10),
                (0.35, 0.25, 0.25),
                px(0.008),
            ),
        ]
    tints.append(
        Tint(
            ellipse(tuple(head.at([(0, 0.25)])[0]), px(0.06), px(0.02), head.roll, 12),
            (0.78, 0.7, 0.7),
            px(0.02),
        )
    )
    tints.append(
        Tint(
            ellipse(tuple(head.at([(0, 0.4)])[0]), px(0.07), px(0.015), head.roll, 12),
            (0.85, 0.8, 0.8),
            px(0.02),
        )
    )
    away = -1.0 if head.yaw > 0 else 1.0
    side_line = open_curve(head.at([(away * 0.03, 0.1), (away * 0.042, 0.17), (away * 0.05, 0.205)]), 4)
    base = open_curve(head.at([(-0.045, 0.222), (-0.015, 0.236), (0.015, 0.236), (0.045, 0.222)]), 4)
    if abs(head.yaw) > 0.25:
        strokes.append(Stroke(side_line, max(px(0.014), 1.0), soft=0.1, ink=0.75))
    strokes.append(Stroke(base, max(px(0.016), 1.1), soft=0.2, ink=0.9))
    return tints, bumps, strokes


def _beard(head: Head) -> Iterator[Layer]:
    w, j = head.width, head.jaw
    pts = [
        (-w * 0.93, 0.08),
        (-w * 0.75, 0.24),
        (-0.13, 0.27),
        (0, 0.255),
        (0.13, 0.27),
        (w * 0.75, 0.24),
        (w * 0.93, 0.08),
        (w * 0.86, 0.3),
        (j, 0.42),
        (0, 0.51),
        (-j, 0.42),
        (-w * 0.86, 0.3),
    ]
    shape = np.array(pts)
    shape[:, 0] += 0.13 * np.sin(head.yaw)
    yield Layer(
        head.flat(closed_curve(shape, 3)),
        mixed(head.hair, head.skin, 0.25),
        round=head.px(0.2),
        line=0.5,
        texture=Texture("grit", 0.2, 0.6),
        depth=head.depth,
        inside=SKIN_GROUP,
    )
