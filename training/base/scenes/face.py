"""A face: soft shaded features in the photograph, clean dark marks on flat skin in the drawing.

The head's own frame is frontal: x to the right, y down, 1 is the height of the head, chin at y = 0.5. A point
sits on an ellipsoid and turns with yaw and pitch, so that features foreshorten as they should.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .colours import IRISES, mixed, one_of, scaled
from .layer import Bump, Colour, Layer, Stroke, Texture, Tint
from .shapes import Point, closed_curve, ellipse, open_curve

SKIN_GROUP = 1
SMALL_PX = 44
"""Below this height (canvas px) a head gets marks for features and nothing finer."""


@dataclass(frozen=True)
class Head:
    """Where a head is and who it is. `height` in canvas px from chin to crown; angles in radians."""

    centre: Point
    height: float
    yaw: float
    pitch: float
    roll: float
    skin: Colour
    hair: Colour
    width: float = 0.36
    jaw: float = 0.24
    depth: float = 0.0

    def at(self, points: Sequence[Point] | np.ndarray) -> np.ndarray:
        """Points of the frontal frame, in canvas px."""
        p = np.asarray(points, float)
        x, y = p[:, 0], p[:, 1]
        z = 0.42 * np.sqrt(np.clip(1 - (x / 0.46) ** 2 - (y / 0.62) ** 2, 0, 1))
        turned = x * np.cos(self.yaw) + z * np.sin(self.yaw)
        nodded = y * np.cos(self.pitch) + (z - 0.25) * np.sin(self.pitch)
        return self.flat(np.stack([turned, nodded], 1))

    def flat(self, points: Sequence[Point] | np.ndarray) -> np.ndarray:
        """Points of the picture plane in head units, in canvas px (silhouettes)."""
        p = np.asarray(points, float) * self.height
        c, s = np.cos(self.roll), np.sin(self.roll)
        return p @ np.array([[c, s], [-s, c]]) + np.asarray(self.centre)

    def px(self, length: float) -> float:
        return length * self.height


def skull(head: Head) -> np.ndarray:
    """The silhouette of the face and skull."""
    w, j = head.width, head.jaw
    lean = np.sin(head.yaw)
    pts = [
        (0, -0.5),
        (w * 0.72, -0.42),
        (w, -0.15),
        (w * 0.98, 0.08),
        (w * 0.86, 0.28),
        (j, 0.41),
        (j * 0.45, 0.49),
    ]
    left = [(-x, y) for x, y in reversed(pts[1:])]
    shape = np.array([*pts, (0, 0.505), *left], float)
    low = np.clip((shape[:, 1] + 0.1) / 0.6, 0, 1)
    shape[:, 0] += 0.17 * lean * low - 0.05 * lean * (1 - low)
    shape[:, 1] += 0.05 * np.sin(head.pitch) * low
    return head.flat(closed_curve(shape, 4))


def face(rng: np.random.Generator, head: Head) -> Iterator[Layer]:
    """Ears, face and its features, back to front; hair comes from `hair`."""
    far = -np.sign(head.yaw) if abs(head.yaw) > 0.25 else 0
    for side in (-1, 1):
        if side == far or (abs(head.yaw) <= 0.25 and side == 0):
            continue
        yield from _ear(head, -side if head.yaw * side > 0.25 else side)
    closed = rng.random() < 0.14
    beard = rng.random() < 0.16
    skin = head.skin
    tints, bumps, strokes = _modelling(head)
    yield Layer(
        skull(head), skin, round=head.px(0.3), line=1.0 if head.height > SMALL_PX else 0.75, group=SKIN_GROUP,
        shadow=0.55, reach=head.px(0.1), gloss=0.16, sharp=14, depth=head.depth,
        texture=Texture("concrete", 0.035, 0.4), tints=tints, bumps=bumps, strokes=strokes,
    )  # fmt: skip
    if beard:
        yield from _beard(head)
    yield from _mouth(rng, head)
    for side in (-1, 1):
        if head.yaw * side > 0.85:
            continue
        yield from _eye(rng, head, side, closed)
    yield from _brows(rng, head)
    if rng.random() < 0.1 and head.height > SMALL_PX:
        yield _glasses(head)


def _ear(head: Head, side: int) -> Iterator[Layer]:
    centre = head.flat(
        [(side * head.width * (1.02 - 0.1 * abs(np.sin(head.yaw))) - 0.1 * np.sin(head.yaw), 0.06)]
    )[0]
    yield Layer(
        ellipse((centre[0], centre[1]), head.px(0.055), head.px(0.1), head.roll + 0.15 * side, 16),
        scaled(head.skin, (0.97, 0.9, 0.88)), round=head.px(0.05), line=0.8, depth=head.depth,
        shadow=0.3, reach=head.px(0.04),
    )  # fmt: skip


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


def _eye(rng: np.random.Generator, head: Head, side: int, closed: bool) -> Iterator[Layer]:
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
    almond = [(x - w, y + 0.004), (x - w * 0.45, y - up * 0.85), (x + w * 0.25, y - up), (x + w, y - 0.004),
              (x + w * 0.4, y + down), (x - w * 0.4, y + down)]  # fmt: skip
    if side < 0:
        almond = [(2 * x - px, py) for px, py in almond]
    outline = head.at(closed_curve(almond, 4))
    white = scaled(mixed((0.93, 0.91, 0.9), head.skin, 0.15), 0.98)
    group = 100 + side
    yield Layer(outline, white, line=0.0, group=group, facing=(0, -0.2, 0.97), depth=head.depth,
                tints=[Tint(head.at([(x - w, y - up), (x + w, y - up), (x + w, y - 0.01), (x - w, y - 0.01)]),
                            (0.6, 0.58, 0.6), head.px(0.012))])  # fmt: skip
    gaze = 0.02 * np.sin(3 * head.yaw)
    centre = head.at([(x + gaze, y - 0.006)])[0]
    r = head.px(0.036)
    iris = one_of(rng, IRISES, 0.1)
    squeeze = max(np.cos(head.yaw), 0.6)
    at = (float(centre[0]), float(centre[1]))
    yield Layer(ellipse(at, r * squeeze, r, 0, 18), iris, line=0.0, inside=group, group=group,
                strokes=[Stroke(np.array([(at[0] - r, at[1] - 0.75 * r), (at[0] + r, at[1] - 0.75 * r)]), 0.8 * r, soft=0.5, ink=0.8)])  # fmt: skip
    yield Layer(
        ellipse(at, 0.45 * r * squeeze, 0.45 * r, 0, 12),
        (0.03, 0.025, 0.03),
        line=0.0,
        inside=group,
        group=group,
    )
    yield Layer(ellipse((at[0] - 0.35 * r, at[1] - 0.4 * r), max(0.24 * r, 0.9), max(0.24 * r, 0.9), 0, 10),
                (0.97, 0.97, 0.98), line=0.0, glow=0.8, inside=group, group=group)  # fmt: skip
    upper = [almond[0], almond[1], almond[2], almond[3]]
    wing = (almond[3][0] + side * 0.012, almond[3][1] - 0.006)
    lower = [almond[3], almond[4], almond[5], almond[0]]
    fold = [(px, py - 0.028) for px, py in upper]
    yield Layer([], dark, strokes=[
        Stroke(open_curve(head.at([*upper, wing]), 4), lash, soft=0.6),
        Stroke(open_curve(head.at(lower), 4), max(head.px(0.008), 0.8), soft=0.2, ink=0.5),
        Stroke(open_curve(head.at(fold), 4), max(head.px(0.008), 0.8), soft=0.2, ink=0.45),
    ])  # fmt: skip


def _brows(rng: np.random.Generator, head: Head) -> Iterator[Layer]:
    arch, frown = rng.uniform(0.0, 0.03), rng.uniform(-0.02, 0.02)
    thick = max(head.px(rng.uniform(0.022, 0.042)), 1.1)
    color = scaled(mixed(head.hair, (0.1, 0.07, 0.06), 0.45), 0.9)
    lines = []
    for side in (-1, 1):
        if head.yaw * side > 0.85:
            continue
        arc = head.at([(side * 0.075, -0.085 + frown), (side * 0.15, -0.1 - arch), (side * 0.235, -0.075)])
        lines.append(Stroke(open_curve(arc, 4), thick, soft=0.6, color=color))
    yield Layer([], color, strokes=lines)


def _mouth(rng: np.random.Generator, head: Head) -> Iterator[Layer]:
    y, w = 0.325, rng.uniform(0.085, 0.12)
    smile = rng.uniform(-0.015, 0.035)
    lips = scaled(mixed(head.skin, (0.72, 0.3, 0.3), rng.uniform(0.25, 0.6)), 0.9)
    if head.height <= SMALL_PX:
        line = head.at([(-w, y - smile), (0, y + 0.01), (w, y - smile)])
        yield Layer(
            [], lips, strokes=[Stroke(open_curve(line, 4), max(head.px(0.03), 1.1), soft=0.45, ink=0.85)]
        )
        return
    up, low = 0.022, 0.032
    if rng.random() < 0.3:
        gap = rng.uniform(0.015, 0.06)
        inner = [
            (-w * 0.85, y - smile),
            (0, y - 0.004),
            (w * 0.85, y - smile),
            (w * 0.4, y + gap),
            (-w * 0.4, y + gap),
        ]
        outer = [(-w, y - smile), (-w * 0.3, y - up), (0, y - up * 0.8), (w * 0.3, y - up), (w, y - smile),
                 (w * 0.5, y + gap + low * 0.7), (-w * 0.5, y + gap + low * 0.7)]  # fmt: skip
        yield Layer(
            head.at(closed_curve(outer, 4)), lips, round=head.px(0.02), line=0.0, gloss=0.2, depth=head.depth
        )
        yield Layer(
            head.at(closed_curve(inner, 4)), (0.22, 0.07, 0.07), line=0.55, group=110, facing=(0, 0.3, 0.9)
        )
        teeth = head.at(
            [(-w * 0.75, y - 0.02), (w * 0.75, y - 0.02), (w * 0.6, y + gap * 0.5), (-w * 0.6, y + gap * 0.5)]
        )
        yield Layer(teeth, (0.93, 0.91, 0.88), line=0.0, inside=110, group=111)
        return
    outer = [(-w, y - smile), (-w * 0.3, y - up), (0, y - up * 0.7), (w * 0.3, y - up), (w, y - smile),
             (w * 0.45, y + low), (-w * 0.45, y + low)]  # fmt: skip
    yield Layer(head.at(closed_curve(outer, 4)), lips, round=head.px(0.025), line=0.0, gloss=0.2, depth=head.depth,
                facing=(0, -0.05, 1))  # fmt: skip
    seam = open_curve(
        head.at(
            [
                (-w * 1.05, y - smile),
                (-w * 0.4, y + 0.003),
                (0, y),
                (w * 0.4, y + 0.003),
                (w * 1.05, y - smile),
            ]
        ),
        4,
    )
    under = open_curve(head.at([(-w * 0.3, y + low + 0.015), (w * 0.3, y + low + 0.015)]), 4)
    yield Layer([], lips, strokes=[
        Stroke(seam, max(head.px(0.016), 1.2), soft=0.55),
        Stroke(under, max(head.px(0.01), 0.9), soft=0.15, ink=0.5),
    ])  # fmt: skip


def _beard(head: Head) -> Iterator[Layer]:
    w, j = head.width, head.jaw
    pts = [(-w * 0.93, 0.08), (-w * 0.75, 0.24), (-0.13, 0.27), (0, 0.255), (0.13, 0.27), (w * 0.75, 0.24), (w * 0.93, 0.08),
           (w * 0.86, 0.3), (j, 0.42), (0, 0.51), (-j, 0.42), (-w * 0.86, 0.3)]  # fmt: skip
    shape = np.array(pts)
    shape[:, 0] += 0.13 * np.sin(head.yaw)
    yield Layer(
        head.flat(closed_curve(shape, 3)), mixed(head.hair, head.skin, 0.25), round=head.px(0.2), line=0.5,
        texture=Texture("grit", 0.2, 0.6), depth=head.depth, inside=SKIN_GROUP,
    )  # fmt: skip


def _glasses(head: Head) -> Layer:
    lines = []
    for side in (-1, 1):
        ring = head.at(ellipse((side * 0.155, 0.02), 0.11, 0.08, 0, 20))
        lines.append(Stroke(np.vstack([ring, ring[:1]]), max(head.px(0.016), 1.3), taper=False, soft=0.75))
    lines.append(
        Stroke(head.at([(-0.05, 0.0), (0.05, 0.0)]), max(head.px(0.016), 1.3), taper=False, soft=0.75)
    )
    return Layer([], (0.1, 0.1, 0.1), strokes=lines)
