"""Legs with shoes, trousers and shorts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .body import LIMB_GROUP, Body, garment
from .layer import Layer, Stroke
from .limbs import limb_outline
from .shapes import closed_curve

SOLE_FROM_PX, CREASES_FROM_PX = 40, 30
"""Heights of a head (canvas px) above which a shoe has the line of its sole, and from which knees are creased."""


def leg(rng: np.random.Generator, body: Body, which: int) -> Iterator[Layer]:
    """The left (0) or right (1) leg of the picture, back to front. A skirt is drawn with the torso."""
    joints, wear = body.legs[which], body.wardrobe
    side = -1 if which == 0 else 1
    toe = joints[2] + np.array([side * float(rng.uniform(0.12, 0.42)), 0.22])
    if wear.legs != "trousers":
        yield Layer(
            limb_outline(body, joints, [0.62, 0.5, 0.42, 0.4, 0.26]),
            body.head.skin,
            flesh=True,
            round=body.px(0.2),
            depth=body.depth,
            line=body.line(),
            shadow=0.4,
            reach=body.px(0.1),
            gloss=0.1,
        )
    yield _shoe(body, joints[2], toe, side)
    if wear.legs == "skirt":
        return
    if wear.legs == "trousers":
        end, widths = 0.98, [0.72, 0.62, 0.5, 0.46, 0.4]
    else:
        end, widths = float(rng.uniform(0.36, 0.5)), [0.72, 0.72, 0.66]
    outline = limb_outline(body, joints, widths, 0.0, end)
    creases = _knee_creases(rng, body, joints[1])
    yield garment(rng, body, outline, wear.bottom, 0.25, LIMB_GROUP + 5 + which, strokes=creases)


def _shoe(body: Body, ankle: np.ndarray, toe: np.ndarray, side: int) -> Layer:
    outline = [
        ankle + np.array((-0.17 * side, 0.0)),
        ankle + np.array((-0.19 * side, 0.26)),
        toe + np.array((0.1 * side, 0.08)),
        toe + np.array((0.05 * side, -0.06)),
        ankle + np.array((0.12 * side, -0.04)),
    ]
    strokes = []
    if body.head.height > SOLE_FROM_PX:
        heel, tip = ankle + np.array((-0.16 * side, 0.2)), toe + np.array((0.1 * side, 0.03))
        strokes = [body.stroke(np.array([heel, tip]), 0.02, steps=4)]
    return Layer(
        body.at(closed_curve(np.array(outline), 4)),
        body.wardrobe.shoes,
        round=body.px(0.1),
        gloss=0.25,
        depth=body.depth,
        shadow=0.6,
        reach=body.px(0.1),
        strokes=strokes,
        line=body.line(),
    )


def _knee_creases(rng: np.random.Generator, body: Body, knee: np.ndarray) -> list[Stroke]:
    """One to three short creases across the knee."""
    if body.head.height < CREASES_FROM_PX:
        return []
    creases = []
    for _ in range(int(rng.integers(1, 4))):
        start = knee + rng.normal(0, 0.1, 2) + (-0.15, 0)
        middle = start + np.array((0.15, rng.uniform(-0.1, 0.1)))
        end = start + np.array((0.28, rng.uniform(-0.15, 0.15)))
        creases.append(body.stroke(np.array([start, middle, end]), 0.02, steps=4, soft=0.35, ink=0.85))
    return creases
