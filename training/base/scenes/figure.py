"""A clothed person, from a face filling the picture to a walker eight pixels tall at the head.

The body's frame: origin at the middle of the head, 1 is the head's height, y down; about seven heads in all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from . import hair
from .colours import HAIRS, SKINS, cloth, mixed, one_of, scaled
from .face import SKIN_GROUP, Head, face
from .layer import Colour, Layer, Mark, Stroke, Texture, Tint
from .shapes import closed_curve, ellipse, open_curve, place, ribbon

LIMB_GROUP = 20


@dataclass(frozen=True)
class Wardrobe:
    top: Colour
    inner: Colour
    bottom: Colour
    shoes: Colour
    sleeves: str
    legs: str
    open_front: bool
    stripes: bool

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Wardrobe:
        return cls(
            top=cloth(rng), inner=cloth(rng), bottom=cloth(rng), shoes=cloth(rng),
            sleeves=str(rng.choice(["long", "short", "none"], p=[0.58, 0.34, 0.08])),
            legs=str(rng.choice(["trousers", "shorts", "skirt"], p=[0.66, 0.17, 0.17])),
            open_front=bool(rng.random() < 0.3), stripes=bool(rng.random() < 0.12),
        )  # fmt: skip


@dataclass(frozen=True)
class Body:
    """Joints in the body's frame. `wide` is half the shoulders; `front` is how frontal it stands (1) or sideways."""

    head: Head
    wide: float
    lean: float
    arms: tuple[np.ndarray, np.ndarray]
    legs: tuple[np.ndarray, np.ndarray]
    wardrobe: Wardrobe
    style: str
    depth: float

    def px(self, length: float) -> float:
        return length * self.head.height

    def at(self, points: np.ndarray | list[tuple[float, float]]) -> np.ndarray:
        return place(np.asarray(points, float), self.head.centre, self.head.height, self.lean)


def person(
    rng: np.random.Generator, centre: tuple[float, float], height: float, depth: float = 0.0
) -> Iterator[Layer]:
    """All layers of one person: `centre` and `height` of the head in canvas px."""
    skin, hair_color = one_of(rng, SKINS), one_of(rng, HAIRS, 0.08)
    head = Head(
        centre, height, yaw=float(rng.normal(0, 0.4)), pitch=float(rng.normal(0.08, 0.18)), roll=float(rng.normal(0, 0.1)),
        skin=skin, hair=hair_color, width=float(rng.uniform(0.34, 0.39)), jaw=float(rng.uniform(0.19, 0.28)), depth=depth,
    )  # fmt: skip
    wide = float(rng.uniform(0.68, 0.98))
    body = Body(head, wide, float(rng.normal(0, 0.05)), _arms(rng, wide), _legs(rng), Wardrobe.draw(rng),
                hair.pick_style(rng), depth)  # fmt: skip
    yield from hair.behind(rng, head, body.style)
    back, front = (0, 1) if rng.random() < 0.5 else (1, 0)
    arms_front = rng.random() < 0.8
    yield from _leg(rng, body, back)
    yield from _leg(rng, body, front)
    yield from _arm(rng, body, back)
    if not arms_front:
        yield from _arm(rng, body, front)
    yield from _neck(body)
    yield from _torso(rng, body)
    if rng.random() < 0.08:
        yield from hair.cap(rng, head, body.style)
        yield Layer(head.flat(ellipse((0, 0), head.width * 1.1, 0.56)), hair_color, round=height * 0.25,
                    group=hair.HAIR_GROUP, depth=depth, strands=hair._strands(head))  # fmt: skip
    else:
        yield from face(rng, head)
        yield from hair.cap(rng, head, body.style)
    if arms_front:
        yield from _arm(rng, body, front)


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


def _fabric(body: Body, rng: np.random.Generator, width: float) -> dict[str, float]:
    return {
        "round": body.px(width),
        "fold": body.px(float(rng.uniform(0.01, 0.05))),
        "fold_angle": float(rng.uniform(0, np.pi)),
        "line": 1.0 if body.head.height > 40 else 0.72,
        "depth": body.depth,
    }


def _weave(rng: np.random.Generator, body: Body) -> Texture:
    return Texture(
        str(rng.choice(["weave", "concrete", "grit"])),
        float(rng.uniform(0.03, 0.1)),
        min(1.0, body.head.height / 120 + 0.4),
    )


def _arm(rng: np.random.Generator, body: Body, which: int) -> Iterator[Layer]:
    joints, wear = body.arms[which], body.wardrobe
    skin, group = body.head.skin, LIMB_GROUP + which
    if wear.sleeves != "long":
        yield Layer(_limb(body, joints, [0.4, 0.34, 0.33, 0.22], 0.0, 1.0), skin, round=body.px(0.17), group=group,
                    shadow=0.4, reach=body.px(0.1), gloss=0.12, sharp=14, texture=Texture("concrete", 0.03, 0.4),
                    line=1.0 if body.head.height > 40 else 0.72, depth=body.depth)  # fmt: skip
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
            creases.append(Stroke(open_curve(np.array([elbow - d, elbow + bend, elbow + d]) + rng.normal(0, body.px(0.08), 2), 4),
                                  max(body.px(0.022), 1.0), soft=0.35, ink=0.85))  # fmt: skip
    yield Layer(_limb(body, joints, widths, 0.0, end), wear.top, **_fabric(body, rng, 0.2), group=group + 10 * (wear.sleeves == "long"),
                texture=_weave(rng, body), shadow=0.5, reach=body.px(0.14), strokes=creases)  # fmt: skip


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
            yield Layer(ribbon(pts, np.array([0.07, 0.065, 0.045]) * body.head.height, cap=True), body.head.skin,
                        round=body.px(0.035), line=0.75, shadow=0.35, reach=body.px(0.02), depth=body.depth)  # fmt: skip
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
    yield Layer(body.at(palm), body.head.skin, round=body.px(0.1), line=line, group=group, shadow=0.4, reach=body.px(0.08),
                depth=body.depth)  # fmt: skip
    if body.head.height > 34:
        yield Layer(ribbon(thumb, np.array([0.09, 0.075, 0.05]) * body.head.height, cap=True), body.head.skin,
                    round=body.px(0.04), line=0.8, group=group, depth=body.depth)  # fmt: skip


def _leg(rng: np.random.Generator, body: Body, which: int) -> Iterator[Layer]:
    joints, wear = body.legs[which], body.wardrobe
    ankle = joints[2]
    side = -1 if which == 0 else 1
    toe = ankle + np.array([side * float(rng.uniform(0.12, 0.42)), 0.22])
    bare = wear.legs != "trousers"
    if bare:
        yield Layer(_limb(body, joints, [0.62, 0.5, 0.42, 0.4, 0.26], 0.0, 1.0), body.head.skin, round=body.px(0.2), depth=body.depth,
                    line=1.0 if body.head.height > 40 else 0.72, shadow=0.4, reach=body.px(0.1), gloss=0.1)  # fmt: skip
    sole = [ankle + (-0.17 * side, 0.0), ankle + (-0.19 * side, 0.26), toe + (0.1 * side, 0.08), toe + (0.05 * side, -0.06),
            ankle + (0.12 * side, -0.04)]  # fmt: skip
    strokes = []
    if body.head.height > 40:
        strokes = [
            Stroke(
                body.at(open_curve(np.array([ankle + (-0.16 * side, 0.2), toe + (0.1 * side, 0.03)]), 4)),
                max(body.px(0.02), 1.0),
            )
        ]
    yield Layer(body.at(closed_curve(np.array(sole), 4)), wear.shoes, round=body.px(0.1), gloss=0.25, depth=body.depth,
                shadow=0.6, reach=body.px(0.1), strokes=strokes, line=1.0 if body.head.height > 40 else 0.72)  # fmt: skip
    if wear.legs == "skirt":
        return
    end = 0.98 if wear.legs == "trousers" else float(rng.uniform(0.36, 0.5))
    widths = [0.72, 0.62, 0.5, 0.46, 0.4] if wear.legs == "trousers" else [0.72, 0.72, 0.66]
    yield Layer(_limb(body, joints, widths, 0.0, end), wear.bottom, **_fabric(body, rng, 0.25), group=LIMB_GROUP + 5 + which,
                texture=_weave(rng, body), shadow=0.5, reach=body.px(0.12), strokes=_knee(rng, body, joints[1]))  # fmt: skip


def _knee(rng: np.random.Generator, body: Body, knee: np.ndarray) -> list[Stroke]:
    if body.head.height < 30:
        return []
    lines = []
    for _ in range(int(rng.integers(1, 4))):
        start = knee + rng.normal(0, 0.1, 2) + (-0.15, 0)
        lines.append(Stroke(body.at(open_curve(np.array([start, start + (0.15, rng.uniform(-0.1, 0.1)), start + (0.28, rng.uniform(-0.15, 0.15))]), 4)),
                            max(body.px(0.02), 1.0), soft=0.35, ink=0.85))  # fmt: skip
    return lines


def _neck(body: Body) -> Iterator[Layer]:
    head = body.head
    pts = [(-0.19, 0.25), (-0.19, 0.62), (-0.5, 0.92), (0, 1.15), (0.5, 0.92), (0.19, 0.62), (0.19, 0.25)]
    strokes = []
    if head.height > 60:
        strokes = [Stroke(body.at(open_curve(np.array([(s * 0.05, 0.86), (s * 0.28, 0.83)]), 4)), max(body.px(0.014), 1.0), soft=0.3, ink=0.7)
                   for s in (-1, 1)]  # fmt: skip
    jaw = body.at(ellipse((0.05 * np.sin(head.yaw), 0.5), 0.28, 0.16, 0, 16))
    yield Layer(body.at(closed_curve(pts, 4)), head.skin, round=body.px(0.18), group=SKIN_GROUP + 2, depth=body.depth, strokes=strokes,
                tints=[Tint(jaw, (0.75, 0.68, 0.66), body.px(0.06))], texture=Texture("concrete", 0.03, 0.4))  # fmt: skip


def _torso(rng: np.random.Generator, body: Body) -> Iterator[Layer]:
    w, wear = body.wide, body.wardrobe
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
        yield Layer(body.at(waistband), wear.bottom, round=body.px(0.25), texture=_weave(rng, body), depth=body.depth,
                    line=0.8)  # fmt: skip
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
    yield Layer(outline, wear.top, **_fabric(body, rng, 0.34), texture=_weave(rng, body), shadow=0.45, reach=body.px(0.12),
                marks=marks, strokes=strokes, gloss=0.15 * float(rng.random() < 0.2))  # fmt: skip
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
        yield Layer(ribbon(edge, [body.px(0.13)]), scaled(mixed(tone, wear.inner, 0.1), 0.95), round=body.px(0.06), line=0.9,
                    shadow=0.3, reach=body.px(0.04), depth=body.depth)  # fmt: skip


def _folds(rng: np.random.Generator, body: Body, w: float, low: float) -> list[Stroke]:
    """Creases from the armpits and at the waist."""
    if body.head.height < 26:
        return []
    lines = []
    for _ in range(int(rng.integers(2, 8))):
        side = float(rng.choice([-1, 1]))
        if rng.random() < 0.5:
            start = np.array([side * w * 0.8, rng.uniform(1.35, 1.7)])
            end = start + (-side * rng.uniform(0.15, 0.5), rng.uniform(-0.05, 0.4))
        else:
            start = np.array([side * rng.uniform(0.3, 0.55), rng.uniform(2.0, low - 0.1)])
            end = start + (-side * rng.uniform(0.1, 0.4), rng.uniform(-0.2, 0.2))
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
    return Layer(outline, body.wardrobe.bottom, **_fabric(body, rng, 0.35), texture=_weave(rng, body), strokes=pleats, shadow=0.4,
                 reach=body.px(0.12))  # fmt: skip
