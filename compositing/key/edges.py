"""Mattes that stand still in time: the edge's alpha is averaged along the motion, nothing else is touched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, Generic, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Image, Plane
from deflicker.flow import DIS, Flow

DIFFERS = 0.025
"""Display-referred difference at which a warped neighbour no longer shows the same."""
CHANGES = 0.3
"""Difference of alpha at which the neighbour is another state of the edge, not the same one with noise."""
HEIGHT = 200
"""Flow is computed on frames of this height."""
AROUND = 32
"""How far beyond the edge the flow may look for it, px of those frames."""
ROW = 1024
Points = NDArray[np.float32]
Values = NDArray[np.float32]
Rest = TypeVar("Rest")


@dataclass(frozen=True)
class MattedFrame(Generic[Rest]):
    """One frame on its way: its display-referred picture, alpha, edge (boolean), and what else belongs to it."""

    coded: Image
    alpha: Plane
    edge: Plane
    rest: Rest

    @cached_property
    def small(self) -> Image:
        """The picture that motion is looked for in."""
        scale = min(1.0, HEIGHT / self.coded.shape[0])
        return cv2.resize(self.coded, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def steady_edges(
    frames: Iterable[MattedFrame[Rest]], amount: float = 1.0, flow: Flow | None = None
) -> Iterator[tuple[Plane, MattedFrame[Rest]]]:
    """The frames with their alphas steadied: three are held at a time.

    alpha_t = (alpha_t + sum w W(alpha_u)) / (1 + sum w) over u = t-1, t+1, W the warp along the flow; w falls with
    the difference of the pictures and of the alphas.

    Args:
        frames: of one shot, in order.
        amount: 0 leaves the alphas; 1 gives a neighbour that agrees the weight of the frame itself.

    Yields:
        The steadied alpha, (height, width), and the frame it belongs to.
    """
    before: MattedFrame[Any] | None = None
    current: MattedFrame[Any] | None = None
    for after in chain(frames, [None]):
        if current is not None:
            near = [each for each in (before, after) if each is not None]
            yield steady_edge(current, near, amount, flow), current
        before, current = current, after


def steady_edge(
    own: MattedFrame[Any], near: Sequence[MattedFrame[Any]], amount: float = 1.0, flow: Flow | None = None
) -> Plane:
    """One frame's alpha, averaged with its neighbours' where they show the same edge; see `steady_edges`."""
    if amount == 0 or not near or not own.edge.any():
        return own.alpha
    flow = flow or DIS(height=HEIGHT)
    where = np.flatnonzero(own.edge)
    rows, columns = np.divmod(where, own.edge.shape[1])
    here = np.stack([columns, rows], axis=1).astype(np.float32)
    picture, before = own.coded.reshape(-1, 3)[where], own.alpha.reshape(-1)[where]
    scale: Points = np.divide(own.small.shape[1::-1], own.edge.shape[::-1]).astype(np.float32)
    small = (here + 0.5) * scale - 0.5
    first = np.maximum(small.min(axis=0).astype(int) - AROUND, 0)
    last = np.ceil(small.max(axis=0)).astype(int) + AROUND + 1
    part = slice(first[1], last[1]), slice(first[0], last[0])
    total, weight = before.copy(), np.ones_like(before)
    for other in near:
        motion = sample(flow(own.small[part], other.small[part]), small - first.astype(np.float32))
        there = here + motion / scale
        miss = np.abs(sample(other.coded, there) - picture).max(axis=1) / np.float32(DIFFERS)
        alpha = sample(other.alpha, there)
        change = (alpha - before) / np.float32(CHANGES)
        sure = np.float32(amount) * np.exp(-0.5 * np.minimum(miss * miss + change * change, 80))
        total += sure * alpha
        weight += sure
    steadied = own.alpha.copy()
    steadied.reshape(-1)[where] = total / weight
    return steadied


def sample(picture: Image | Plane, points: Points) -> Values:
    """A picture at n points (x, y), bilinearly, its border repeated: (n,) or (n, channels)."""
    rows = -(-len(points) // ROW)  # OpenCV's maps are pictures of at most 32767 px a side
    padded = np.zeros((rows * ROW, 2), np.float32)
    padded[: len(points)] = points
    maps = padded.reshape(rows, ROW, 2)
    found = cv2.remap(picture, maps, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
    values: Values = found.reshape(rows * ROW, *picture.shape[2:])[: len(points)]
    return values
