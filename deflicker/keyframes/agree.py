"""Which frames of a finished film to keep as keys, where its drawings disagree with one another.

A mean of drawings that disagree is mush. So a few are kept, such that what one of them shows the next one shows
too, and that together they show nearly all of the shot. Their palettes may differ: these are brought to one.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from deflicker.anchor import Guide
from deflicker.arrays import Image
from deflicker.flow import Flow
from deflicker.keyframes.coverage import GUIDE_HEIGHT
from deflicker.keyframes.palette import UNCHANGED, Palette, fitted
from deflicker.keyframes.steps import Steps, step_search
from deflicker.keyframes.tone import FLOOR
from deflicker.keyframes.trace import Trace
from deflicker.warp import warp

REACH = 20
"""Frames from one key to the next at most: what is carried farther tears, however sure it looks."""
OPEN = 4.0
"""What a frame that is wholly open costs; the part of a frame that is told as open is the least that is wrong."""
DISAGREES = 12.0
"""What a mean difference of 1 between two keys that follow one another costs, palettes left aside."""
ODD = 15.0
"""The same for its mean difference from the drawings around, in the middle of them: one that is like no other."""
A_KEY = 0.4
"""What a further key costs."""
FAR = 1e6


@dataclass
class _View:
    """From one candidate: how much of the frames around is known, and how the other candidates differ from it."""

    known: dict[int, float] = field(default_factory=dict)
    differs: dict[int, float] = field(default_factory=dict)


def agreeing_keys(
    guides: Mapping[int, Guide],
    drawn: Mapping[int, Image],
    count: int | None = None,
    flow: Flow | None = None,
) -> dict[int, Palette]:
    """The drawings of one shot to keep, ascending, each with what brings its colours to those of the others.

    Args:
        guides: every photographed frame of the shot by number, (height, width, 3) uint8, of about 144 rows.
        drawn: the drawings that may be kept, (height, width, 3) float32 in [0, 1], at the guides' size.
        count: how many; None for as many as are worth it.
        flow: None for `step_search`.
    """
    steps = Steps(guides, flow or step_search(GUIDE_HEIGHT))
    candidates = sorted(drawn)
    views = {key: _view(key, guides, drawn, steps) for key in candidates}
    most = min(len(candidates), count or len(candidates))
    best = _cheapest(candidates, views, min(guides), max(guides), most)
    if count is not None:
        keys = best[max(length for length in best if length <= most)][1]
    else:
        keys = min(best.items(), key=lambda found: found[1][0] + A_KEY * found[0])[1][1]
    return _one_palette(keys, guides, drawn, steps)


def _one_palette(
    keys: Sequence[int], guides: Mapping[int, Guide], drawn: Mapping[int, Image], steps: Steps
) -> dict[int, Palette]:
    """Brings the keys, one by one, to the palette of the most usual among them: each to the one beside it."""
    usual = _most_usual(keys, guides, drawn)
    palettes = {usual: UNCHANGED}
    place = keys.index(usual)
    for way in (keys[place:], keys[place::-1]):
        for done, key in itertools.pairwise(way):
            palettes[key] = _to_that_of(key, done, palettes[done].applied(drawn[done]), guides, drawn, steps)
    return {key: palettes[key] for key in keys}


def _most_usual(keys: Sequence[int], guides: Mapping[int, Guide], drawn: Mapping[int, Image]) -> int:
    """The key whose tint and contrast, beside its photograph's, are nearest to all the others'."""

    def tone(picture: Image) -> NDArray[np.float64]:
        return np.concatenate([picture.mean(axis=(0, 1)), picture.std(axis=(0, 1))]).astype(np.float64)

    tones = np.array([tone(drawn[key]) - tone(guides[key] / np.float32(255)) for key in keys])
    apart = np.linalg.norm(tones[:, None] - tones[None], axis=2).sum(axis=1)
    return keys[int(np.argmin(apart))]


def _to_that_of(
    key: int,
    other: int,
    picture: Image,
    guides: Mapping[int, Guide],
    drawn: Mapping[int, Image],
    steps: Steps,
) -> Palette:
    """What brings a key's colours to those of another, of which `picture` is the drawing: carried along, under the
    light that the photograph has at the key."""
    trace, way = Trace(guides[other]), 1 if key > other else -1
    for at in range(other + way, key + way, way):
        trace.go(guides[at], steps.between(at, at - way))
    wanted = warp(picture, trace.flow, smooth=False)
    lit = warp(guides[other].astype(np.float32), trace.flow, smooth=False)
    weight = trace.sure[..., None]
    now, then = ((weight * each).sum(axis=(0, 1)) for each in (guides[key] + FLOOR, lit + FLOOR))
    return fitted(drawn[key], np.asarray(wanted * (now / np.maximum(then, 1e-6)), np.float32), trace.sure)


def _view(key: int, guides: Mapping[int, Guide], drawn: Mapping[int, Image], steps: Steps) -> _View:
    view = _View({key: 1.0})
    for direction in (1, -1):
        trace, at = Trace(guides[key]), key + direction
        while at in guides and abs(at - key) <= REACH:
            trace.go(guides[at], steps.between(at, at - direction))
            view.known[at] = float(trace.sure.mean())
            if at in drawn:
                carried = warp(drawn[key], trace.flow, smooth=False)
                same = fitted(drawn[at], carried, trace.sure).applied(drawn[at])
                apart = cv2.absdiff(carried, same).mean(axis=-1)
                view.differs[at] = float((apart * trace.sure).sum() / max(float(trace.sure.sum()), 1.0))
            at += direction
    return view


def _cheapest(
    candidates: Sequence[int], views: Mapping[int, _View], first: int, last: int, most: int
) -> dict[int, tuple[float, list[int]]]:
    """By the number of keys: the least cost, and the keys that have it (a shortest path)."""

    def open_between(low: int, high: int, *keys: int) -> float:
        return OPEN * sum(1 - max(views[key].known.get(at, 0.0) for key in keys) for at in range(low, high))

    odd = {key: ODD * float(np.median([*views[key].differs.values()] or [0.0])) for key in candidates}
    reached = {key: (odd[key] + open_between(first, key, key), [key]) for key in candidates}
    best: dict[int, tuple[float, list[int]]] = {}
    for length in range(1, most + 1):
        ends = [(cost + open_between(key + 1, last + 1, key), keys) for key, (cost, keys) in reached.items()]
        best[length] = min(ends)
        if length >= 3 and best[length][0] > min(cost for cost, _ in best.values()) + 3 * A_KEY:
            break
        longer: dict[int, tuple[float, list[int]]] = {}
        for key, (cost, keys) in reached.items():
            for after, apart in views[key].differs.items():
                if after < key:
                    continue
                total = cost + open_between(key + 1, after, key, after) + DISAGREES * apart + odd[after]
                if total < longer.get(after, (FAR, []))[0]:
                    longer[after] = total, [*keys, after]
        if not longer:
            break
        reached = longer
    return best
