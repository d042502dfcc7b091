"""Arms with hands, legs with shoes, and the clothes on them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .body import LIMB_GROUP, Body, garment
from .layer import Layer, Stroke, Texture
from .shapes import closed_curve, ellipse, open_curve, ribbon


def _limb(body: Body, joints: np.ndarray, widths: list[float], first: float, last: float) -> np.ndarray:
    """A smooth tapering limb over part of its joints' path (0..1)."""
    line = open_curve(
        np.array(
            [
                joints[0],
                0.5 * joints[0] + 0.5 * joints[1],
                joints[1],
                0.5 * joints[1] + 0.5 * joints[2],
                joints[2],
            ]
        ),
        5,
    )
    keep = np.linspace(0, 1, len(line))
    part = line[(keep >= first) & (keep <= last)]
    if len(part) < 3:
        part = line[-3:] if first > 0.5 else line[:3]
    return ribbon(body.at(part), np.asarray(widths) * body.head.height, cap=True)


def arm(rng: np.random.Generator, body: Body, which: int) -> Iterator[Layer]:
    joints, wear = body.arms[which], body.wardrobe
    skin, group = body.head.skin, LIMB_GROUP + which
    if wear.sleeves != "long":
        yield Layer(
            _limb(body, joints, [0.4, 0.34, 0.33, 0.22], 0.0, 1.0),
            skin,
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
    if wear.sleeves == "none":
        return
    end = 0.97 if wear.sleeves == "long" else float(rng.uniform(0.28, 0.42))
    widths = [0.42, 0.45, 0.41, 0.31] if wear.sleeves == "long" else [0.42, 0.48, 0.5]
    creases = []
    if body.head.height > 30:
        elbow = body.at([joints[1]])[0]
        for _ in range(int(rng.integers(1, 4))):
            a = rng.uniform(0, 2 * np.pi)
            d = np.array([np.cos(a), np.sin(a)]) * body.px(0.13)
            bend = np.array([-d[1], d[0]]) * rng.uniform(-0.5, 0.5)
            creases.append(
                Stroke(
                    open_curve(
                        np.array([elbow - d, elbow + bend, elbow + d]) + rng.normal(0, body.px(0.08), 2), 4
                    ),
                    max(body.px(0.022), 1.0),
                    soft=0.35,
                    ink=0.85,
                )
            )
    sleeve = _limb(body, joints, widths, 0.0, end)
    own = group + 10 if wear.sleeves == "long" else group
    yield garment(rng, body, sleeve, wear.top, 0.2, own, strokes=creases)


def _hand(rng: np.random.Generator, body: Body, joints: np.ndarray, group: int) -> Iterator[Layer]:
    way = joints[2] - joints[1]
    way = way / np.linalg.norm(way)
    across = np.array([-way[1], way[0]])
    wrist = joints[2]
    line = 0.9 if body.head.height > 40 else 0.6
    palm = ellipse((0, 0), 0.19, 0.13, 0, 16)
    palm = wrist + 0.13 * way + palm[:, :1] * way + palm[:, 1:] * across
    side = float(rng.choice([-1, 1]))
    curl = float(rng.uniform(-0.2, 1.0))
    if body.head.height > 34:
        for finger in range(4):
            base = wrist + 0.25 * way + across * (finger - 1.5) * 0.062
            out = way * np.cos(0.15 * (finger - 1.5)) + across * 0.15 * (finger - 1.5)
            mid = base + 0.13 * out
            tip = mid + 0.12 * (out * np.cos(curl) + side * across * np.sin(curl))
            pts = body.at(open_curve(np.array([base, mid, tip]), 4))
            yield Layer(
                ribbon(pts, np.array([0.07, 0.065, 0.045]) * body.head.height, cap=True),
                body.head.skin,
                flesh=True,
                round=body.px(0.035),
                line=0.75,
                shadow=0.35,
                reach=body.px(0.02),
                depth=body.depth,
            )
    thumb = body.at(
        open_curve(
            np.array(
                [
                    wrist + 0.03 * way,
                    wrist + 0.12 * way + side * 0.14 * across,
                    wrist + 0.27 * way + side * 0.15 * across,
                ]
            ),
            4,
        )
    )
    yield Layer(
        body.at(palm),
        body.head.skin,
        flesh=True,
        round=body.px(0.1),
        line=line,
        group=group,
        shadow=0.4,
        reach=body.px(0.08),
        depth=body.depth,
    )
    if body.head.height > 34:
        yield Layer(
            ribbon(thumb, np.array([0.09, 0.075, 0.05]) * body.head.height, cap=True),
            body.head.skin,
            flesh=True,
            round=body.px(0.04),
            line=0.8,
            group=group,
            depth=body.depth,
        )


def leg(rng: np.random.Generator, body: Body, which: int) -> Iterator[Layer]:
    joints, wear = body.legs[which], body.wardrobe
    ankle = joints[2]
    side = -1 if which == 0 else 1
    toe = ankle + np.array([side * float(rng.uniform(0.12, 0.42)), 0.22])
    bare = wear.legs != "trousers"
    if bare:
        yield Layer(
            _limb(body, joints, [0.62, 0.5, 0.42, 0.4, 0.26], 0.0, 1.0),
            body.head.skin,
            flesh=True,
            round=body.px(0.2),
            depth=body.depth,
            line=body.line(),
            shadow=0.4,
            reach=body.px(0.1),
            gloss=0.1,
        )
    sole = [
        ankle + np.array((-0.17 * side, 0.0)),
        ankle + np.array((-0.19 * side, 0.26)),
        toe + np.array((0.1 * side, 0.08)),
        toe + np.array((0.05 * side, -0.06)),
        ankle + np.array((0.12 * side, -0.04)),
    ]
    strokes = []
    if body.head.height > 40:
        strokes = [
            Stroke(
                body.at(
                    open_curve(
                        np.array([ankle + np.array((-0.16 * side, 0.2)), toe + np.array((0.1 * side, 0.03))]),
                        4,
                    )
                ),
                max(body.px(0.02), 1.0),
            )
        ]
    yield Layer(
        body.at(closed_curve(np.array(sole), 4)),
        wear.shoes,
        round=body.px(0.1),
        gloss=0.25,
        depth=body.depth,
        shadow=0.6,
        reach=body.px(0.1),
        strokes=strokes,
        line=body.line(),
    )
    if wear.legs == "skirt":
        return
    end = 0.98 if wear.legs == "trousers" else float(rng.uniform(0.36, 0.5))
    widths = [0.72, 0.62, 0.5, 0.46, 0.4] if wear.legs == "trousers" else [0.72, 0.72, 0.66]
    leg_cloth = _limb(body, joints, widths, 0.0, end)
    yield garment(
        rng, body, leg_cloth, wear.bottom, 0.25, LIMB_GROUP + 5 + which, strokes=_knee(rng, body, joints[1])
    )


def _knee(rng: np.random.Generator, body: Body, knee: np.ndarray) -> list[Stroke]:
    if body.head.height < 30:
        return []
    lines = []
    for _ in range(int(rng.integers(1, 4))):
        start = knee + rng.normal(0, 0.1, 2) + (-0.15, 0)
        lines.append(
            Stroke(
                body.at(
                    open_curve(
                        np.array(
                            [
                                start,
                                start + np.array((0.15, rng.uniform(-0.1, 0.1))),
                                start + np.array((0.28, rng.uniform(-0.15, 0.15))),
                            ]
                        ),
                        4,
                    )
                ),
                max(body.px(0.02), 1.0),
                soft=0.35,
                ink=0.85,
            )
        )
    return lines
