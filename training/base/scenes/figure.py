"""A clothed person, from a face filling the picture to a walker eight pixels tall at the head."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from . import hair
from .arms import arm
from .body import Body, Wardrobe
from .colours import HAIRS, IRISES, SKINS, one_of
from .face import face
from .head import Head
from .layer import Colour, Layer
from .legs import leg
from .neck import neck
from .shapes import ellipse
from .torso import torso


def person(
    rng: np.random.Generator,
    centre: tuple[float, float],
    height: float,
    depth: float = 0.0,
    like: Colour | None = None,
) -> Iterator[Layer]:
    """All layers of one person.

    Args:
        centre, height: of the head, canvas px.
        like: the colour of what is behind, in nearly which the person is dressed; None for any clothes.
    """
    skin = one_of(rng, SKINS)
    dark = sum(skin) < 1.5
    hair_color = one_of(rng, HAIRS[:3] if dark and rng.random() < 0.9 else HAIRS, 0.08)
    side = float(rng.choice([-1, 1]))
    yaw = float(rng.normal(0, 0.33)) if rng.random() < 0.72 else side * float(rng.uniform(0.55, 1.25))
    head = Head(
        centre,
        height,
        yaw=yaw,
        pitch=float(rng.normal(0.08, 0.18)),
        roll=float(rng.normal(0, 0.1)),
        skin=skin,
        hair=hair_color,
        iris=one_of(rng, IRISES[:2] if dark else IRISES, 0.1),
        width=float(rng.uniform(0.34, 0.39)),
        jaw=float(rng.uniform(0.19, 0.28)),
        depth=depth,
    )
    wide = float(rng.uniform(0.68, 0.98)) * (1 - 0.25 * head.profile)
    body = Body(
        head,
        wide,
        float(rng.normal(0, 0.05)),
        _arms(rng, wide),
        _legs(rng),
        Wardrobe.draw(rng, like),
        hair.pick_style(rng),
        depth,
    )
    yield from hair.behind(rng, head, body.style)
    back, front = (0, 1) if rng.random() < 0.5 else (1, 0)
    arms_front = rng.random() < 0.8
    yield from leg(rng, body, back)
    yield from leg(rng, body, front)
    yield from arm(rng, body, back)
    if not arms_front:
        yield from arm(rng, body, front)
    yield neck(body)
    yield from torso(rng, body)
    if rng.random() < 0.08:
        yield from hair.cap(rng, head, body.style)
        yield Layer(
            head.flat(ellipse((0, 0), head.width * 1.1, 0.56)),
            hair_color,
            round=height * 0.25,
            group=hair.HAIR_GROUP,
            depth=depth,
            strands=hair.strands(head),
        )
    else:
        yield from face(rng, head, body.style in ("short", "crop", "bald") and rng.random() < 0.22)
        yield from hair.cap(rng, head, body.style)
    if arms_front:
        yield from arm(rng, body, front)


def _arms(rng: np.random.Generator, wide: float) -> tuple[np.ndarray, np.ndarray]:
    """(shoulder, elbow, wrist) for the left and the right of the picture."""
    arms = []
    for side in (-1, 1):
        shoulder = np.array([side * wide * 0.83, 1.0])
        swing = rng.choice([rng.uniform(-0.1, 0.35), rng.uniform(0.4, 2.6)], p=[0.7, 0.3])
        bend = rng.choice([rng.uniform(0, 0.4), rng.uniform(0.8, 2.4)], p=[0.5, 0.5])
        inwards = 1 if swing < 0.8 else -1
        upper = np.array([side * np.sin(swing), np.cos(swing)]) * 1.3
        turn = swing - inwards * bend
        lower = np.array([side * np.sin(turn), np.cos(turn)]) * 1.15
        arms.append(np.stack([shoulder, shoulder + upper, shoulder + upper + lower]))
    return arms[0], arms[1]


def _legs(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    legs = []
    for side in (-1, 1):
        hip = np.array([side * 0.3, 3.2])
        swing = rng.normal(0.08, 0.2)
        bend = abs(rng.normal(0, 0.25)) * rng.choice([0, 1], p=[0.4, 0.6])
        sign = rng.choice([-1, 1])
        knee = hip + np.array([side * np.sin(swing), np.cos(swing)]) * 1.75
        turn = swing - sign * bend
        ankle = knee + np.array([side * np.sin(turn), np.cos(turn)]) * 1.7
        legs.append(np.stack([hip, knee, ankle]))
    return legs[0], legs[1]
