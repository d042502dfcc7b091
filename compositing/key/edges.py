"""Mattes that stand still in time: the edge's alpha is averaged along the motion, nothing else is touched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Generic, TypeVar

import cv2
import numpy as np

from compositing.colour import Image, Plane
from deflicker.flow import DIS, Flow
from deflicker.warp import warp

DIFFERS = 0.03
"""Display-referred difference at which a warped neighbour no longer shows the same."""
CHANGES = 0.3
"""Difference of alpha at which the neighbour is another state of the edge, not the same one with noise."""
HEIGHT = 270
"""Flow is computed on frames of this height."""
Rest = TypeVar("Rest")


@dataclass(frozen=True)
class Matted(Generic[Rest]):
    """One frame on its way: its display-referred picture, alpha, edge (boolean), and what else belongs to it."""

    coded: Image
    alpha: Plane
    edge: Plane
    rest: Rest


def steady_edges(
    frames: Iterable[Matted[Rest]], amount: float = 1.0, flow: Flow | None = None
) -> Iterator[tuple[Plane, Matted[Rest]]]:
    """The frames with their alphas steadied: three are held at a time.

    alpha_t = (alpha_t + sum w W(alpha_u)) / (1 + sum w) over u = t-1, t+1, W the warp along the flow; w falls with
    the difference of the pictures and of the alphas.

    Args:
        frames: of one shot, in order.
        amount: 0 leaves the alphas; 1 gives a neighbour that agrees the weight of the frame itself.

    Yields:
        The steadied alpha, (height, width), and the frame it belongs to.
    """
    before: Matted[Any] | None = None
    current: Matted[Any] | None = None
    for after in chain(frames, [None]):
        if current is not None:
            near = [each for each in (before, after) if each is not None]
            yield steady_edge(current, near, amount, flow), current
        before, current = current, after


def steady_edge(
    own: Matted[Any], near: Sequence[Matted[Any]], amount: float = 1.0, flow: Flow | None = None
) -> Plane:
    """One frame's alpha, averaged with its neighbours' where they show the same edge; see `steady_edges`."""
    if amount == 0 or not near or not own.edge.any():
        return own.alpha
    flow = flow or DIS(height=HEIGHT)
    part = _around(own.edge)
    total, weight = own.alpha[part].copy(), np.ones_like(own.alpha[part])
    for other in near:
        motion = flow(own.coded, other.coded)
        alpha, picture = _pulled(other, motion, part)
        miss = cv2.absdiff(picture, own.coded[part]).max(axis=2)
        miss = cv2.boxFilter(miss, -1, (3, 3)) / np.float32(DIFFERS)
        change = (alpha - own.alpha[part]) / np.float32(CHANGES)
        sure = np.float32(amount) * np.exp(-0.5 * (miss * miss + change * change))
        total += sure * alpha
        weight += sure
    steadied = own.alpha.copy()
    inside = own.edge[part]
    steadied[part][inside] = (total / weight)[inside]
    return steadied


def _around(edge: Plane) -> tuple[slice, slice]:
    """The box around the edge: nothing outside it is computed."""
    left, top, width, height = cv2.boundingRect(edge.astype(np.uint8))
    return slice(top, top + height), slice(left, left + width)


def _pulled(other: Matted[Any], motion: Image, part: tuple[slice, slice]) -> tuple[Plane, Image]:
    """Another frame's alpha and picture, in this frame's geometry, inside a box."""
    top, left = part[0].start, part[1].start
    inside = motion[part] + np.array([left, top], np.float32)
    packed = cv2.merge([*cv2.split(other.coded), other.alpha])
    # The warp counts positions from the box's own corner; the shift above moves them to the frame's.
    moved = warp(packed, np.ascontiguousarray(inside), smooth=False)
    return np.ascontiguousarray(moved[..., 3]), np.ascontiguousarray(moved[..., :3])
