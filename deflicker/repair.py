"""Draws an unstable frame again: by whoever drew it, or from its neighbours along the flow.

The rebuilt picture is the robust mean of the nearest good drawings on both sides, each carried to the frame by
the flow of the source. Where none of them can be believed, because the source reveals something, the surest one
counts. If only a part of the frame is off, only that part is replaced, under a soft edge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from deflicker.arrays import Image
from deflicker.carry import carry
from deflicker.flow import DIS, Flow
from deflicker.judge import FrameJudge, Verdict
from deflicker.median import median
from deflicker.resize import REFERENCE_HEIGHT

REACH = 4
"""How far away a good neighbour may lie."""
A_SIDE = 2
"""How many good neighbours of each side are used."""
AGREEMENT = 24 / 255
"""Welsch's scale of the distance to the median at which a neighbour counts e^-0.5."""
FAINT = 1e-3
"""What an unbelieved neighbour counts, so that a place that nobody is sure of still gets a picture."""
TRIES = 2
"""How many other drawings are tried before the frame is rebuilt."""

FrameAt = Callable[[int], Image]
Redraw = Callable[[int, int], Image]
"""redraw(index, attempt), attempts from 1: another drawing of the frame."""


@dataclass(frozen=True)
class Repaired:
    """A frame after repair: how it came about (`redrawn`, `rebuilt` or `left`), and the verdict on it now."""

    picture: Image
    how: str
    before: Verdict
    after: Verdict
    neighbours: tuple[int, ...] = ()
    attempt: int = 0


def good_neighbours(verdicts: dict[int, Verdict], t: int) -> list[int]:
    """The nearest stable frames within `REACH`, at most `A_SIDE` on each side, ascending."""
    found: list[int] = []
    for direction in (-1, 1):
        side = [t + direction * distance for distance in range(1, REACH + 1)]
        found += [u for u in side if u in verdicts and verdicts[u].is_stable][:A_SIDE]
    return sorted(found)


def repair(
    judge: FrameJudge,
    verdicts: dict[int, Verdict],
    t: int,
    drawn: FrameAt,
    source: FrameAt,
    redraw: Redraw | None = None,
    flow: Flow | None = None,
) -> Repaired:
    """Repairs frame t: the best of some other drawings if one is steady, else rebuilt, else left as it is.

    Args:
        judge: has judged the frame and still remembers its lookaround.
        verdicts: on frame t and on those within `REACH` of it in its shot.
        drawn, source: give a frame of the shot, (height, width, 3) float32 in [0, 1]; called for frame t and its
            good neighbours only.
        redraw: draws the frame again; None where that cannot be had.
        flow: for the rebuilding; None for `DIS`.

    Returns:
        the frame, never one that is judged worse than the one there was.
    """
    before, own = verdicts[t], drawn(t)
    best = Repaired(own, "left", before, before)
    for attempt in range(1, TRIES + 1) if redraw is not None else ():
        assert redraw is not None
        picture = redraw(t, attempt)
        after = judge.verdict(t, picture)
        if after.severity < best.after.severity:
            best = Repaired(picture, "redrawn", before, after, attempt=attempt)
        if after.is_stable:
            return best
    near = good_neighbours(verdicts, t)
    if near:
        pairs = [(drawn(u), source(u)) for u in near]
        picture = rebuild(own, source(t), pairs, before.tiles, flow)
        after = judge.verdict(t, picture)
        if after.severity < best.after.severity:
            best = Repaired(picture, "rebuilt", before, after, tuple(near))
    return best


def rebuild(
    own: Image,
    here: Image,
    neighbours: Sequence[tuple[Image, Image]],
    tiles: NDArray[np.bool_] | None = None,
    flow: Flow | None = None,
) -> Image:
    """The frame as its neighbours have it.

    Args:
        own: the frame as drawn, (height, width, 3) float32.
        here: its photographed frame, of the same size.
        neighbours: at least one good drawing with its photographed frame.
        tiles: which parts to replace, (rows, columns) over the frame; None for all of it.
        flow: of the photographed frames; None for `DIS`.

    Returns:
        (height, width, 3) float32 in [0, 1].

    Raises:
        ValueError: no neighbour.
    """
    if not neighbours:
        raise ValueError("a frame cannot be rebuilt without a neighbour.")
    flow = flow or DIS()
    carried = [carry(drawn, there, here, flow) for drawn, there in neighbours]
    middle = median([picture for picture, _ in carried])
    total, weight = np.zeros_like(own), np.zeros(own.shape[:2], np.float32)
    unit = own.shape[0] / REFERENCE_HEIGHT
    for picture, sure in carried:
        apart = cv2.subtract(picture, middle)
        scale = np.full((1, 3), -1 / (3 * 2 * AGREEMENT**2), np.float32)
        agrees = cv2.exp(cv2.GaussianBlur(cv2.transform(cv2.multiply(apart, apart), scale), (0, 0), unit))
        counts = cv2.multiply(cv2.add(sure, np.full_like(sure, FAINT)), np.maximum(agrees, np.float32(0.02)))
        cv2.add(total, cv2.multiply(picture, cv2.merge([counts] * 3)), dst=total)
        cv2.add(weight, counts, dst=weight)
    picture = cv2.divide(total, cv2.merge([weight] * 3))
    if tiles is not None and not tiles.all():
        picture = _within(picture, own, tiles)
    return np.clip(picture, 0.0, 1.0)


def _within(picture: Image, own: Image, tiles: NDArray[np.bool_]) -> Image:
    """`picture` in the tiles and one around them, `own` elsewhere, under an edge half a tile wide."""
    spread = cv2.dilate(tiles.astype(np.float32), np.ones((3, 3), np.uint8))
    rows, columns = own.shape[:2]
    mask = cv2.resize(spread, (columns, rows), interpolation=cv2.INTER_NEAREST)
    mask = cv2.GaussianBlur(mask, (0, 0), rows / tiles.shape[0] / 4)
    return cv2.add(own, cv2.multiply(cv2.subtract(picture, own), cv2.merge([mask] * 3)))
