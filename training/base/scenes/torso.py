"""Neck, torso and skirt, with the folds of cloth."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .body import Body, garment, weave
from .colours import mixed, scaled
from .head import SKIN_GROUP
from .layer import Layer, Mark, Stroke, Texture, Tint
from .shapes import box, closed_curve, ellipse, open_curve, ribbon


def neck(body: Body) -> Iterator[Layer]:
    head = body.head
    pts = [(-0.19, 0.25), (-0.19, 0.62), (-0.5, 0.92), (0, 1.15), (0.5, 0.92), (0.19, 0.62), (0.19, 0.25)]
    strokes = []
    if head.height > 60:
        strokes = [
            Stroke(
                body.at(open_curve(np.array([(s * 0.05, 0.86), (s * 0.28, 0.83)]), 4)),
                max(body.px(0.014), 1.0),
                soft=0.3,
                ink=0.7,
            )
            for s in (-1, 1)
        ]
    jaw = body.at(ellipse((0.05 * np.sin(head.yaw), 0.5), 0.28, 0.16, 0, 16))
    yield Layer(
        body.at(closed_curve(pts, 4)),
        head.skin,
        flesh=True,
        round=body.px(0.18),
        group=SKIN_GROUP + 2,
        depth=body.depth,
        strokes=strokes,
        tints=[Tint(jaw, (0.75, 0.68, 0.66), body.px(0.06))],
        texture=Texture("concrete", 0.03, 0.4),
    )


def torso(rng: np.random.Generator, body: Body) -> Iterator[Layer]:
    w, wear, head_px = body.wide, body.wardrobe, body.head.height
    hip = rng.uniform(0.5, 0.68)
    waist = hip * rng.uniform(0.82, 1.05)
    low = 3.3 if rng.random() < 0.5 else 3.0
    neck = rng.uniform(0.2, 0.3)
    dip = rng.choice([rng.uniform(0.7, 0.85), rng.uniform(0.9, 1.25)], p=[0.65, 0.35])
    right = [
        (neck, 0.68),
        (w * 0.75, 0.82),
        (w * 1.02, 1.05),
        (w * 0.93, 1.6),
        (waist, 2.4),
        (hip * 1.05, low),
    ]
    left = [(-x, y) for x, y in reversed(right)]
    body_line = open_curve(right, 4)
    other = open_curve(left, 4)
    hem = open_curve(np.array([(hip * 1.05, low), (0, low + 0.08), (-hip * 1.05, low)]), 4)
    collar = open_curve(np.array([(-neck, 0.68), (0, dip), (neck, 0.68)]), 4)
    if wear.legs == "skirt":
        yield _skirt(rng, body, hip)
    else:
        waistband = [(-hip, 2.7), (hip, 2.7), (hip * 1.08, 3.45), (0, 3.6), (-hip * 1.08, 3.45)]
        yield Layer(
            body.at(waistband),
            wear.bottom,
            round=body.px(0.25),
            texture=weave(rng, body),
            depth=body.depth,
            line=0.8,
        )
    outline = body.at(np.vstack([body_line, hem[1:-1], other, collar[1:-1]]))
    strokes = _folds(rng, body, w, low)
    marks = []
    if wear.stripes:
        step = rng.uniform(0.15, 0.4)
        for y in np.arange(0.9, low, 2 * step):
            marks.append(Mark(body.at([(-1.2, y), (1.2, y), (1.2, y + step), (-1.2, y + step)]), wear.inner))
    elif wear.open_front:
        gap = rng.uniform(0.1, 0.3)
        marks.append(
            Mark(
                body.at(
                    [
                        (-neck * 0.9, 0.6),
                        (neck * 0.9, 0.6),
                        (gap, 1.3),
                        (gap * 1.2, low + 0.2),
                        (-gap * 0.4, low + 0.2),
                        (-gap * 0.4, 1.3),
                    ]
                ),
                wear.inner,
            )
        )
        for points in (
            [(-neck * 0.9, 0.68), (-gap * 0.4, 1.3), (-gap * 0.4, low)],
            [(neck * 0.9, 0.68), (gap, 1.3), (gap * 1.2, low)],
        ):
            strokes.append(
                Stroke(
                    body.at(open_curve(np.array(points), 5)), max(body.px(0.03), 1.2), taper=False, soft=0.5
                )
            )
    elif rng.random() < 0.4:
        strokes.append(
            Stroke(
                body.at(open_curve(np.array([(0, dip), (rng.normal(0, 0.03), 2.0), (0, low + 0.05)]), 5)),
                max(body.px(0.022), 1.1),
                taper=False,
                soft=0.4,
            )
        )
    if head_px > 30:
        if rng.random() < 0.15:
            strokes += _quilting(body, w, low)
        if rng.random() < 0.2:
            marks.append(_emblem(rng, body, w))
    gloss = 0.15 * float(rng.random() < 0.2)
    yield garment(rng, body, outline, wear.top, 0.34, gloss=gloss, strokes=strokes, marks=marks)
    if rng.random() < 0.35:
        edge = body.at(
            open_curve(
                np.array(
                    [
                        (-neck * 1.05, 0.62),
                        (-neck * 0.5, dip * 0.97),
                        (0, dip + 0.02),
                        (neck * 0.5, dip * 0.97),
                        (neck * 1.05, 0.62),
                    ]
                ),
                5,
            )
        )
        tone = wear.top if rng.random() < 0.6 else wear.inner
        yield Layer(
            ribbon(edge, [body.px(0.13)]),
            scaled(mixed(tone, wear.inner, 0.1), 0.95),
            round=body.px(0.06),
            line=0.9,
            shadow=0.3,
            reach=body.px(0.04),
            depth=body.depth,
        )


def _folds(rng: np.random.Generator, body: Body, w: float, low: float) -> list[Stroke]:
    """Creases from the armpits and at the waist."""
    if body.head.height < 26:
        return []
    lines = []
    for _ in range(int(rng.integers(2, 8))):
        side = float(rng.choice([-1, 1]))
        if rng.random() < 0.5:
            start = np.array([side * w * 0.8, rng.uniform(1.35, 1.7)])
            end = start + np.array((-side * rng.uniform(0.15, 0.5), rng.uniform(-0.05, 0.4)))
        else:
            start = np.array([side * rng.uniform(0.3, 0.55), rng.uniform(2.0, low - 0.1)])
            end = start + np.array((-side * rng.uniform(0.1, 0.4), rng.uniform(-0.2, 0.2)))
        middle = (start + end) / 2 + rng.normal(0, 0.05, 2)
        lines.append(
            Stroke(
                body.at(open_curve(np.array([start, middle, end]), 5)),
                max(body.px(0.022), 1.0),
                soft=0.4,
                ink=0.85,
            )
        )
    return lines


def _skirt(rng: np.random.Generator, body: Body, hip: float) -> Layer:
    hem_y, flare = rng.uniform(4.2, 6.0), rng.uniform(1.1, 1.9)
    xs = np.linspace(1, -1, 9)
    hem = [(x * hip * flare, hem_y + 0.06 * np.sin(9 * x) + 0.1 * (1 - x * x)) for x in xs]
    outline = body.at([(-hip * 0.9, 2.6), (hip * 0.9, 2.6), *hem])
    pleats = [
        Stroke(
            body.at(
                open_curve(
                    np.array([(x * hip * 0.9, 3.0 + rng.uniform(0, 0.4)), (x * hip * flare, hem_y)]), 5
                )
            ),
            max(body.px(0.025), 1.0),
            soft=0.45,
        )
        for x in rng.uniform(-0.8, 0.8, 4)
    ]
    return garment(rng, body, outline, body.wardrobe.bottom, 0.35, strokes=pleats)


def _quilting(body: Body, w: float, low: float) -> list[Stroke]:
    """The seams of a padded jacket."""
    seams = []
    for y in np.arange(1.15, low, 0.26):
        seam = open_curve(body.at([(-w, y), (0.0, y + 0.06), (w, y)]), 6)
        seams.append(Stroke(seam, max(body.px(0.025), 1.1), soft=0.5, ink=0.9))
    return seams


def _emblem(rng: np.random.Generator, body: Body, w: float) -> Mark:
    """A patch, a pocket or a print on the chest."""
    x, y = w * float(rng.uniform(-0.5, 0.5)), float(rng.uniform(1.2, 1.9))
    size = float(rng.uniform(0.08, 0.4))
    outline = (
        ellipse((x, y), size, size, 0, 14)
        if rng.random() < 0.5
        else box(x - size, y - size, x + size, y + size)
    )
    return Mark(body.at(outline), body.wardrobe.inner)
