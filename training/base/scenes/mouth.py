"""Mouths: a line on small faces, lips with a seam, or an open mouth with teeth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .colours import mixed, scaled
from .head import SMALL_PX, Head
from .layer import Colour, Layer, Stroke
from .shapes import closed_curve, open_curve

MOUTH_Y = 0.325
UPPER_LIP, LOWER_LIP = 0.022, 0.032
OPEN_SHARE = 0.3
OPENING_GROUP = 110


@dataclass(frozen=True)
class MouthShape:
    """In the head's frame: half the width, and how far the corners are raised."""

    width: float
    smile: float

    @property
    def corner_y(self) -> float:
        return MOUTH_Y - self.smile


def mouth(rng: np.random.Generator, head: Head) -> Iterator[Layer]:
    """The layers of a mouth, back to front."""
    shape = MouthShape(rng.uniform(0.085, 0.12), rng.uniform(-0.015, 0.035))
    lips = scaled(mixed(head.skin, (0.72, 0.3, 0.3), rng.uniform(0.25, 0.6)), 0.9)
    if head.height <= SMALL_PX:
        yield _line(head, shape, lips)
    elif rng.random() < OPEN_SHARE:
        yield from _open_mouth(head, shape, lips, rng.uniform(0.015, 0.06))
    else:
        yield from _closed_mouth(head, shape, lips)


def _line(head: Head, shape: MouthShape, lips: Colour) -> Layer:
    w, corner = shape.width, shape.corner_y
    line = head.at([(-w, corner), (0, MOUTH_Y + 0.01), (w, corner)])
    return Layer(
        [], lips, strokes=[Stroke(open_curve(line, 4), max(head.px(0.03), 1.1), soft=0.45, ink=0.85)]
    )


def _open_mouth(head: Head, shape: MouthShape, lips: Colour, gap: float) -> Iterator[Layer]:
    """Lips, the dark opening, `gap` high, and the upper teeth in it."""
    w, y, corner = shape.width, MOUTH_Y, shape.corner_y
    outer = [
        (-w, corner),
        (-w * 0.3, y - UPPER_LIP),
        (0, y - UPPER_LIP * 0.8),
        (w * 0.3, y - UPPER_LIP),
        (w, corner),
        (w * 0.5, y + gap + LOWER_LIP * 0.7),
        (-w * 0.5, y + gap + LOWER_LIP * 0.7),
    ]
    inner = [
        (-w * 0.85, corner),
        (0, y - 0.004),
        (w * 0.85, corner),
        (w * 0.4, y + gap),
        (-w * 0.4, y + gap),
    ]
    teeth = [
        (-w * 0.75, y - 0.02),
        (w * 0.75, y - 0.02),
        (w * 0.6, y + gap * 0.5),
        (-w * 0.6, y + gap * 0.5),
    ]
    yield Layer(
        head.at(closed_curve(outer, 4)), lips, round=head.px(0.02), line=0.0, gloss=0.2, depth=head.depth
    )
    yield Layer(
        head.at(closed_curve(inner, 4)),
        (0.22, 0.07, 0.07),
        line=0.55,
        group=OPENING_GROUP,
        facing=(0, 0.3, 0.9),
    )
    yield Layer(head.at(teeth), (0.93, 0.91, 0.88), line=0.0, inside=OPENING_GROUP, group=OPENING_GROUP + 1)


def _closed_mouth(head: Head, shape: MouthShape, lips: Colour) -> Iterator[Layer]:
    """Lips, their seam, and a short line below them."""
    w, y, corner = shape.width, MOUTH_Y, shape.corner_y
    outer = [
        (-w, corner),
        (-w * 0.3, y - UPPER_LIP),
        (0, y - UPPER_LIP * 0.7),
        (w * 0.3, y - UPPER_LIP),
        (w, corner),
        (w * 0.45, y + LOWER_LIP),
        (-w * 0.45, y + LOWER_LIP),
    ]
    seam = [(-w * 1.05, corner), (-w * 0.4, y + 0.003), (0, y), (w * 0.4, y + 0.003), (w * 1.05, corner)]
    below = [(-w * 0.3, y + LOWER_LIP + 0.015), (w * 0.3, y + LOWER_LIP + 0.015)]
    yield Layer(
        head.at(closed_curve(outer, 4)),
        lips,
        round=head.px(0.025),
        line=0.0,
        gloss=0.2,
        depth=head.depth,
        facing=(0, -0.05, 1),
    )
    yield Layer(
        [],
        lips,
        strokes=[
            Stroke(open_curve(head.at(seam), 4), max(head.px(0.016), 1.2), soft=0.55),
            Stroke(open_curve(head.at(below), 4), max(head.px(0.01), 0.9), soft=0.15, ink=0.5),
        ],
    )
