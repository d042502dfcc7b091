"""Which frames are worth painting: those from which most of the shot can be carried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import cv2
import numpy as np

from deflicker.anchor import Guide
from deflicker.arrays import Plane
from deflicker.flow import Flow
from deflicker.keyframes.steps import Steps, step_search
from deflicker.keyframes.trace import Trace

GUIDE_HEIGHT = 144
"""Enough to see what is hidden and what is found again."""
GRID = (24, 14)
"""Columns and rows of places in which coverage is counted."""

Coverage = Mapping[int, Plane]
"""By frame: how far each place of it is known, (rows, columns) in [0, 1]."""


def covered_by(key: int, guides: Mapping[int, Guide], steps: Steps) -> dict[int, Plane]:
    """What a key at frame `key` would show of every frame of its shot, on the grid.

    Args:
        guides: every frame of the shot by number, (height, width, 3) uint8.
    """
    found: dict[int, Plane] = {key: np.ones(GRID[::-1], np.float32)}
    for direction in (1, -1):
        trace, at = Trace(guides[key]), key + direction
        while at in guides:
            trace.go(guides[at], steps.between(at, at - direction))
            found[at] = cv2.resize(trace.sure, GRID, interpolation=cv2.INTER_AREA)
            at += direction
    return found


def coverages(
    guides: Mapping[int, Guide], candidates: Sequence[int], flow: Flow | None = None
) -> Iterator[tuple[int, dict[int, Plane]]]:
    """The coverage of each candidate frame of one shot, one after the other."""
    steps = Steps(guides, flow or step_search(GUIDE_HEIGHT))
    return ((key, covered_by(key, guides, steps)) for key in candidates)


def choose(found: Mapping[int, Coverage], count: int, given: Sequence[int] = ()) -> list[int]:
    """The frames that together with those given show most, the most helpful first.

    One is added at a time, and then each is exchanged for a better one as long as there is such.

    Args:
        found: the coverage by every candidate and every given key; of several shots at once.
        count: how many to choose.
        given: keys that there are already.
    """
    chosen: list[int] = []
    candidates = [key for key in found if key not in given]
    for _ in range(min(count, len(candidates))):
        rest = [key for key in candidates if key not in chosen]
        chosen.append(max(rest, key=lambda key: (shown(found, [*given, *chosen, key]), -key)))
    for _ in range(len(chosen)):
        for place, old in enumerate(chosen):
            others = [key for key in chosen if key != old]
            rest = [key for key in candidates if key not in others]
            best = max(rest, key=lambda key: (shown(found, [*given, *others, key]), key == old))
            chosen[place] = best
    return chosen


def shown(found: Mapping[int, Coverage], keys: Sequence[int]) -> float:
    """How much the keys show together: a sum over frames and places, to compare by."""
    return sum(float(known.sum()) for known in union(found, keys).values())


def union(found: Mapping[int, Coverage], keys: Sequence[int]) -> dict[int, Plane]:
    """How far each place of each frame is known by the best of the keys."""
    together: dict[int, Plane] = {}
    for key in keys:
        for at, known in found[key].items():
            together[at] = np.maximum(together[at], known) if at in together else known
    return together
