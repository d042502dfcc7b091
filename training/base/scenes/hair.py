"""Hair: the part behind head and shoulders, and the part on top of the head with its fringe, over the face."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .colours import cloth, scaled
from .head import SMALL_PX, Head
from .layer import Layer, Strands, Stroke, Texture
from .shapes import closed_curve, open_curve

STYLES = ("short", "crop", "bob", "long", "tail", "bun", "bald", "hat")
SHARES = (0.26, 0.16, 0.13, 0.2, 0.09, 0.06, 0.04, 0.06)
HAIR_GROUP = 2
FEW_LOCKS, LOCKS = 7, (9, 22)
"""Locks around a small head, and the fewest and most around others."""


def pick_style(rng: np.random.Generator) -> str:
    return str(rng.choice(STYLES, p=SHARES))


def strands(head: Head) -> Strands:
    """Direction, locks and gloss of the hair on this head.

    How glossy it is and how it falls into locks follow from the colour and the shape of the head, so that all its
    layers agree.
    """
    crown = head.flat([(-0.1 * np.sin(head.yaw), -0.58)])[0]
    light = sum(head.hair) / 3
    own = (1e3 * (head.width + head.jaw)) % 1.0
    locks = FEW_LOCKS if head.height <= SMALL_PX else round(LOCKS[0] + own * (LOCKS[1] - LOCKS[0]))
    gloss = (0.16 + 0.44 * own) * (0.8 + 0.5 * light)
    return Strands((float(crown[0]), float(crown[1])), head.px(0.33), 1.0, 0.16, gloss, locks)


def behind(rng: np.random.Generator, head: Head, style: str) -> Iterator[Layer]:
    """Hair behind neck and shoulders."""
    lean = -0.08 * np.sin(head.yaw)
    match style:
        case "long":
            drop, wide = rng.uniform(0.6, 1.3), head.width * rng.uniform(1.15, 1.5)
            ends = [(wide, 0.1), (wide * 1.08, drop * 0.7), (wide * 0.8, drop)]
            yield _hanging(rng, head, lean, ends)
        case "bob":
            drop, wide = rng.uniform(0.3, 0.5), head.width * rng.uniform(1.2, 1.45)
            ends = [(wide, 0.0), (wide * 1.02, drop * 0.8), (wide * 0.7, drop)]
            yield _hanging(rng, head, lean, ends)
        case "bun":
            yield _bun(head, lean)
        case "tail":
            yield _tail(rng, head)


def _hanging(rng: np.random.Generator, head: Head, lean: float, ends: list[tuple[float, float]]) -> Layer:
    """Hair that hangs down on both sides: from the crown over `ends` on the right, and back on the left."""
    right = [(0.1, -0.58), (head.width * 1.05, -0.38), *ends]
    left = [(-x + rng.normal(0, 0.02), y + rng.normal(0, 0.03)) for x, y in reversed(right)]
    return Layer(
        head.flat(closed_curve(np.array([*right, *left]) + np.array([lean, 0]), 4)),
        head.hair,
        round=head.px(0.18),
        group=HAIR_GROUP,
        depth=head.depth,
        strands=strands(head),
        strokes=_locks(rng, head, 0.2, 0.9),
        shadow=0.4,
        reach=head.px(0.06),
    )


def _bun(head: Head, lean: float) -> Layer:
    """A knot of hair on top of the head."""
    outline = [(lean - 0.15, -0.62), (lean, -0.75), (lean + 0.15, -0.62), (lean, -0.45)]
    return Layer(
        head.flat(closed_curve(outline, 5)),
        head.hair,
        round=head.px(0.12),
        group=HAIR_GROUP,
        strands=strands(head),
        depth=head.depth,
    )


def _tail(rng: np.random.Generator, head: Head) -> Layer:
    """A ponytail, on the side that the head is turned away from."""
    side = -1.0 if head.yaw > 0 else 1.0
    far = rng.uniform(0.25, 0.7)
    pts = [
        (side * 0.25, -0.4),
        (side * (0.45 + far * 0.3), -0.3),
        (side * (0.45 + far * 0.5), 0.3),
        (side * 0.5, 0.8),
        (side * 0.38, 0.3),
        (side * 0.25, 0.0),
    ]
    return Layer(
        head.flat(closed_curve(pts, 5)),
        head.hair,
        round=head.px(0.12),
        group=HAIR_GROUP,
        strands=strands(head),
        depth=head.depth,
    )


def _locks(rng: np.random.Generator, head: Head, low: float, high: float) -> list[Stroke]:
    """A few drawn strands that run outwards from the crown."""
    if head.height < 60:
        return []
    lines = []
    for _ in range(int(rng.integers(3, 9))):
        angle = rng.uniform(0.1, np.pi - 0.1)
        start, end = rng.uniform(0.1, 0.35), rng.uniform(low + 0.25, high)
        bend = rng.normal(0, 0.06)
        radii = np.array([start, (start + end) / 2, end])
        pts = np.stack([radii * np.cos(angle + bend * np.arange(3)), -0.42 + radii * np.sin(angle)], 1)
        lines.append(Stroke(open_curve(head.flat(pts), 5), max(head.px(0.014), 1.0), soft=0.3, ink=0.8))
    return lines


def cap(rng: np.random.Generator, head: Head, style: str) -> Iterator[Layer]:
    """Hair on top of the head, in front of the face: its hairline and fringe."""
    if style == "bald":
        return
    if style == "hat":
        yield from _hat(rng, head)
        return
    w = head.width
    lift = 0.04 if style == "crop" else rng.uniform(0.05, 0.1)
    side_drop = {"short": 0.05, "crop": -0.02, "bob": 0.4, "long": 0.45}.get(style, 0.02) + rng.normal(
        0, 0.03
    )
    puff = 1.05 if style in ("crop", "tail", "bun") else rng.uniform(1.08, 1.2)
    sides = [side_drop, side_drop]
    if head.profile:  # seen from the side, no hair hangs over the face
        sides[int(head.yaw > 0)] += (-0.3 - side_drop) * head.profile
        sides[int(head.yaw < 0)] += max(0.28 - side_drop, 0) * head.profile
    top = [
        (-w * puff, sides[0]),
        (-w * puff * 1.02, min(-0.12, sides[0] - 0.05)),
        (-w * 0.85, -0.42 - lift * 0.6),
        (0, -0.5 - lift),
        (w * 0.85, -0.42 - lift * 0.6),
        (w * puff * 1.02, min(-0.12, sides[1] - 0.05)),
        (w * puff, sides[1]),
    ]
    shape = head.widen(np.array(top))
    outer = open_curve(shape, 4)
    inner = head.turn(_hairline(rng, style, w, side_drop)) - (0, 0.12 * np.sin(head.pitch))
    inner[:, 0] = np.clip(inner[:, 0], shape[0, 0] + 0.02, shape[-1, 0] - 0.02)
    inner[0, 1], inner[-1, 1] = sides[1], sides[0]
    jagged = inner if rng.random() < 0.5 else open_curve(inner, 4)
    outline = head.flat(np.vstack([outer, jagged]))
    yield Layer(
        outline,
        head.hair,
        round=head.px(0.16),
        group=HAIR_GROUP,
        strands=strands(head),
        depth=head.depth,
        strokes=_locks(rng, head, 0.0, 0.45),
        shadow=0.5,
        reach=head.px(0.05),
        line=1.0 if head.height > 44 else 0.7,
    )


def _hairline(rng: np.random.Generator, style: str, w: float, side_drop: float) -> list[tuple[float, float]]:
    """From the right temple over the forehead to the left."""
    edge = w * 0.93
    if style in ("tail", "bun", "crop"):
        return [
            (edge, side_drop),
            (edge * 0.9, -0.12),
            (w * 0.6, -0.27),
            (0, -0.32),
            (-w * 0.6, -0.27),
            (-edge * 0.9, -0.12),
            (-edge, side_drop),
        ]
    kind = rng.random()
    if kind < 0.45:
        part = rng.uniform(-0.5, 0.5) * w
        return [
            (edge, side_drop),
            (edge * 0.88, -0.05),
            (w * 0.7, -0.18),
            (part, -0.36),
            (-w * 0.7, -0.18),
            (-edge * 0.88, -0.05),
            (-edge, side_drop),
        ]
    fringe = rng.uniform(-0.18, -0.09)
    points = [(edge, side_drop), (edge * 0.9, -0.05)]
    for x in np.linspace(0.75, -0.75, int(rng.integers(4, 8))):
        points.append((x * w, fringe + rng.normal(0, 0.02)))
        points.append((x * w - 0.04, fringe - rng.uniform(0.04, 0.12)))
    return [*points, (-edge * 0.9, -0.05), (-edge, side_drop)]


def _hat(rng: np.random.Generator, head: Head) -> Iterator[Layer]:
    w = head.width
    color = cloth(rng)
    hairline = [
        (-w * 1.06, 0.02),
        (-w * 1.08, -0.2),
        (w * 1.08, -0.2),
        (w * 1.06, 0.02),
        (w * 0.9, -0.1),
        (0, -0.2),
        (-w * 0.9, -0.1),
    ]
    yield Layer(head.flat(hairline), head.hair, round=head.px(0.1), strands=strands(head), depth=head.depth)
    crown = [(-w * 1.12, -0.16), (-w, -0.48), (0, -0.62), (w, -0.48), (w * 1.12, -0.16), (0, -0.22)]
    yield Layer(
        head.flat(closed_curve(crown, 4)),
        color,
        round=head.px(0.22),
        texture=Texture("weave", 0.1, 0.8),
        shadow=0.5,
        reach=head.px(0.06),
        depth=head.depth,
    )
    if rng.random() < 0.5:
        side = 0.35 * np.sin(head.yaw)
        brim = [
            (-w * 1.05 + side, -0.18),
            (side, -0.26),
            (w * 1.05 + side, -0.18),
            (w * 0.9 + 1.5 * side, -0.1),
            (1.5 * side, -0.12),
            (-w * 0.9 + 1.5 * side, -0.1),
        ]
        yield Layer(
            head.flat(closed_curve(brim, 4)),
            scaled(color, 0.8),
            round=head.px(0.05),
            shadow=0.5,
            reach=head.px(0.06),
            depth=head.depth,
        )
