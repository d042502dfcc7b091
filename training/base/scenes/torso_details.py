"""What is on the front of a garment: creases, stripes, an open front, buttons, quilting, a print."""

from __future__ import annotations

import numpy as np

from .body import Body
from .layer import Mark, Stroke
from .shapes import box, ellipse, open_curve
from .torso_shape import TorsoShape

CREASES_FROM_PX, DECORATION_FROM_PX = 26, 30
"""Heights of a head (canvas px) from which creases, and above which quilting and prints are drawn."""
BUTTONS_SHARE, QUILTED_SHARE, PRINT_SHARE = 0.4, 0.15, 0.2


def front_details(rng: np.random.Generator, body: Body, shape: TorsoShape) -> tuple[list[Stroke], list[Mark]]:
    """Lines and patches of colour on the front of a top, in canvas px."""
    wear = body.wardrobe
    strokes, marks = _creases(rng, body, shape), []
    if wear.stripes:
        marks += _stripes(rng, body, shape)
    elif wear.open_front:
        opening, edges = _open_front(rng, body, shape)
        marks.append(opening)
        strokes += edges
    elif rng.random() < BUTTONS_SHARE:
        strokes.append(_button_line(rng, body, shape))
    if body.head.height > DECORATION_FROM_PX:
        if rng.random() < QUILTED_SHARE:
            strokes += _quilting(body, shape)
        if rng.random() < PRINT_SHARE:
            marks.append(_print(rng, body, shape))
    return strokes, marks


def _creases(rng: np.random.Generator, body: Body, shape: TorsoShape) -> list[Stroke]:
    """Two to seven short creases that start at the armpits or at the waist and run inwards."""
    if body.head.height < CREASES_FROM_PX:
        return []
    creases = []
    for _ in range(int(rng.integers(2, 8))):
        side = float(rng.choice([-1, 1]))
        if rng.random() < 0.5:
            start = np.array([side * shape.shoulder * 0.8, rng.uniform(1.35, 1.7)])
            end = start + np.array((-side * rng.uniform(0.15, 0.5), rng.uniform(-0.05, 0.4)))
        else:
            start = np.array([side * rng.uniform(0.3, 0.55), rng.uniform(2.0, shape.hem - 0.1)])
            end = start + np.array((-side * rng.uniform(0.1, 0.4), rng.uniform(-0.2, 0.2)))
        middle = (start + end) / 2 + rng.normal(0, 0.05, 2)
        creases.append(body.stroke(np.array([start, middle, end]), 0.022, soft=0.4, ink=0.85))
    return creases


def _stripes(rng: np.random.Generator, body: Body, shape: TorsoShape) -> list[Mark]:
    """Horizontal stripes as wide as the gaps between them."""
    width = rng.uniform(0.15, 0.4)
    return [
        Mark(body.at(box(-1.2, y, 1.2, y + width)), body.wardrobe.inner)
        for y in np.arange(0.9, shape.hem, 2 * width)
    ]


def _open_front(rng: np.random.Generator, body: Body, shape: TorsoShape) -> tuple[Mark, list[Stroke]]:
    """What is worn below an open jacket, and the jacket's two front edges. The left one hangs further in."""
    neck, hem, gap = shape.neck, shape.hem, rng.uniform(0.1, 0.3)
    inner = [
        (-neck * 0.9, 0.6),
        (neck * 0.9, 0.6),
        (gap, 1.3),
        (gap * 1.2, hem + 0.2),
        (-gap * 0.4, hem + 0.2),
        (-gap * 0.4, 1.3),
    ]
    left = [(-neck * 0.9, 0.68), (-gap * 0.4, 1.3), (-gap * 0.4, hem)]
    right = [(neck * 0.9, 0.68), (gap, 1.3), (gap * 1.2, hem)]
    edges = [body.stroke(edge, 0.03, least_px=1.2, taper=False, soft=0.5) for edge in (left, right)]
    return Mark(body.at(inner), body.wardrobe.inner), edges


def _button_line(rng: np.random.Generator, body: Body, shape: TorsoShape) -> Stroke:
    """Where the two halves of a buttoned front meet."""
    middle = [(0, shape.neckline), (rng.normal(0, 0.03), 2.0), (0, shape.hem + 0.05)]
    return body.stroke(middle, 0.022, least_px=1.1, taper=False, soft=0.4)


def _quilting(body: Body, shape: TorsoShape) -> list[Stroke]:
    """The horizontal seams of a padded jacket."""
    width = shape.shoulder
    seams = []
    for y in np.arange(1.15, shape.hem, 0.26):
        seam = open_curve(body.at([(-width, y), (0.0, y + 0.06), (width, y)]), 6)
        seams.append(Stroke(seam, max(body.px(0.025), 1.1), soft=0.5, ink=0.9))
    return seams


def _print(rng: np.random.Generator, body: Body, shape: TorsoShape) -> Mark:
    """A round or square print, patch or pocket on the chest."""
    x, y = shape.shoulder * float(rng.uniform(-0.5, 0.5)), float(rng.uniform(1.2, 1.9))
    size = float(rng.uniform(0.08, 0.4))
    if rng.random() < 0.5:
        outline = ellipse((x, y), size, size, 0, 14)
    else:
        outline = box(x - size, y - size, x + size, y + size)
    return Mark(body.at(outline), body.wardrobe.inner)
