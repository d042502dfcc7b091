"""Arms with hands and sleeves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .body import LIMB_GROUP, Body, garment
from .layer import Layer, Stroke, Texture
from .limbs import limb_outline
from .shapes import ellipse, open_curve, ribbon

CREASES_FROM_PX, FINGERS_FROM_PX = 30, 34
"""Heights of a head (canvas px) above which elbows are creased and fingers are drawn."""


def arm(rng: np.random.Generator, body: Body, which: int) -> Iterator[Layer]:
    """The left (0) or right (1) arm of the picture, back to front."""
    joints, wear = body.arms[which], body.wardrobe
    group = LIMB_GROUP + which
    if wear.sleeves != "long":
        yield Layer(
            limb_outline(body, joints, [0.4, 0.34, 0.33, 0.22]),
            body.head.skin,
            flesh=True,
            round=body.px(0.17),
            group=group,
            shadow=0.4,
            reach=body.px(0.1),
            gloss=0.12,
            sharp=14,
            texture=Texture("concrete", 0.03, 0.4),
            line=body.line(),
            depth=body.depth,
        )
    yield from _hand(rng, body, joints, group)
    if wear.sleeves == "long":
        yield _sleeve(rng, body, joints, [0.42, 0.45, 0.41, 0.31], 0.97, group + 10)
    elif wear.sleeves == "short":
        yield _sleeve(rng, body, joints, [0.42, 0.48, 0.5], float(rng.uniform(0.28, 0.42)), group)


def _sleeve(
    rng: np.random.Generator, body: Body, joints: np.ndarray, widths: list[float], end: float, group: int
) -> Layer:
    """A sleeve over the share `end` of the arm."""
    creases = _elbow_creases(rng, body, joints[1]) if body.head.height > CREASES_FROM_PX else []
    outline = limb_outline(body, joints, widths, 0.0, end)
    return garment(rng, body, outline, body.wardrobe.top, 0.2, group, strokes=creases)


def _elbow_creases(rng: np.random.Generator, body: Body, elbow: np.ndarray) -> list[Stroke]:
    """One to three short creases in any direction."""
    centre = body.at(elbow[None])[0]
    creases = []
    for _ in range(int(rng.integers(1, 4))):
        angle = rng.uniform(0, 2 * np.pi)
        half = np.array([np.cos(angle), np.sin(angle)]) * body.px(0.13)
        bend = np.array([-half[1], half[0]]) * rng.uniform(-0.5, 0.5)
        line = np.array([centre - half, centre + bend, centre + half]) + rng.normal(0, body.px(0.08), 2)
        creases.append(Stroke(open_curve(line, 4), max(body.px(0.022), 1.0), soft=0.35, ink=0.85))
    return creases


def _hand(rng: np.random.Generator, body: Body, joints: np.ndarray, group: int) -> Iterator[Layer]:
    """Fingers, palm and thumb. `forwards` points from the elbow to the wrist, `across` at a right angle to it."""
    wrist, head = joints[2], body.head
    forwards = joints[2] - joints[1]
    forwards = forwards / np.linalg.norm(forwards)
    across = np.array([-forwards[1], forwards[0]])
    side = float(rng.choice([-1, 1]))
    curl = float(rng.uniform(-0.2, 1.0))
    has_fingers = head.height > FINGERS_FROM_PX
    if has_fingers:
        for finger in range(4):
            yield _finger(body, wrist, forwards, across, finger - 1.5, side, curl)
    palm = ellipse((0, 0), 0.19, 0.13, 0, 16)
    yield Layer(
        body.at(wrist + 0.13 * forwards + palm[:, :1] * forwards + palm[:, 1:] * across),
        head.skin,
        flesh=True,
        round=body.px(0.1),
        line=0.9 if head.height > 40 else 0.6,
        group=group,
        shadow=0.4,
        reach=body.px(0.08),
        depth=body.depth,
    )
    if has_fingers:
        thumb = [
            wrist + 0.03 * forwards,
            wrist + 0.12 * forwards + side * 0.14 * across,
            wrist + 0.27 * forwards + side * 0.15 * across,
        ]
        yield Layer(
            ribbon(
                body.at(open_curve(np.array(thumb), 4)),
                np.array([0.09, 0.075, 0.05]) * head.height,
                cap=True,
            ),
            head.skin,
            flesh=True,
            round=body.px(0.04),
            line=0.8,
            group=group,
            depth=body.depth,
        )


def _finger(
    body: Body,
    wrist: np.ndarray,
    forwards: np.ndarray,
    across: np.ndarray,
    offset: float,
    side: float,
    curl: float,
) -> Layer:
    """A finger `offset` places from the middle of the hand, its tip bent to `side` by `curl` (rad)."""
    base = wrist + 0.25 * forwards + across * offset * 0.062
    out = forwards * np.cos(0.15 * offset) + across * 0.15 * offset
    joint = base + 0.13 * out
    tip = joint + 0.12 * (out * np.cos(curl) + side * across * np.sin(curl))
    line = body.at(open_curve(np.array([base, joint, tip]), 4))
    return Layer(
        ribbon(line, np.array([0.07, 0.065, 0.045]) * body.head.height, cap=True),
        body.head.skin,
        flesh=True,
        round=body.px(0.035),
        line=0.75,
        shadow=0.35,
        reach=body.px(0.02),
        depth=body.depth,
    )
