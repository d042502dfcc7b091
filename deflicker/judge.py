"""Finds the frames of a stylized film that are drawn apart from their neighbours.

Each frame is compared with what its neighbours, carried to it along the flow of the *source*, say it should
be (difference.py), and that difference with what is usual for the frames around it (outliers.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deflicker.arrays import Image, as_image
from deflicker.difference import Difference, compare, log_detail, nothing
from deflicker.flow import DIS, Flow
from deflicker.frame_cache import FrameCache
from deflicker.median import median
from deflicker.outliers import FEWEST, is_surely_usual, score
from deflicker.resize import reduced
from deflicker.track import Track, confidence_in, extend, parted, step
from deflicker.warp import warp

OFFSETS = (1, 2, 3)
"""Distances to both sides of the frames that a frame is compared with."""
AROUND = 12
"""How many frames to either side say what is usual."""
HEIGHT_PX = 144
"""Frames are compared at most at this height: a drawing that pops is larger than a pixel of it."""
FINEST = 1
"""The motion is searched at half of it: on average less than a hundredth of a pixel off, in .4 of the time."""


@dataclass(frozen=True)
class Verdict:
    """What was found of one frame.

    `z` holds the robust z of every difference, the worst channel's and tile's; `severity` is the worst of them
    beside its limit: 1 and more is unstable. `tiles` says where, (rows, columns) bool over the frame; all of it
    where the frame as a whole is off.
    """

    index: int
    severity: float
    reason: str
    z: dict[str, float]
    tiles: NDArray[np.bool_] = field(repr=False, compare=False)

    @property
    def is_stable(self) -> bool:
        return self.severity < 1


class FrameJudge:
    """Judges frames of one shot from small copies of those around them; memory is bounded by the lookaround.

    A verdict on frame t depends on the frames within `lookaround` of it, as far as the shot has them.
    """

    lookaround = AROUND + 2 * max(OFFSETS)

    def __init__(self, flow: Flow | None = None) -> None:
        self._flow = flow or DIS(HEIGHT_PX, FINEST)
        self._drawn: FrameCache[Image] = FrameCache(-self.lookaround)
        self._source: FrameCache[Image] = FrameCache(-self.lookaround)
        self._details: FrameCache[tuple[float, float]] = FrameCache(-self.lookaround)
        self._steps: dict[int, FrameCache[Track]] = {d: FrameCache(-self.lookaround) for d in (-1, 1)}
        """`[d][t]`: the step from frame t to frame t + d."""
        self._differences: FrameCache[Difference] = FrameCache(-AROUND - max(OFFSETS))
        self._firsts: FrameCache[Verdict] = FrameCache(-max(OFFSETS))

    def add(self, index: int, drawn: Image, source: Image) -> None:
        """Takes in frame `index`, the next one of the shot; both (height, width, 3) float32 in [0, 1].

        Raises:
            ValueError: no such images, or of two sizes.
        """
        drawn, source = as_image(drawn, f"stylized frame {index}"), as_image(source, f"source frame {index}")
        if drawn.shape != source.shape:
            raise ValueError(f"stylized frame {index} is {drawn.shape[:2]}, its source {source.shape[:2]}.")
        self._details[index] = log_detail(drawn), log_detail(source)
        self._drawn[index], self._source[index] = _small(drawn), _small(source)

    def forget(self, before: int) -> None:
        """Drops what verdicts on frame `before` and later ones will not ask for."""
        caches: list[FrameCache[Any]] = [
            self._drawn,
            self._source,
            self._details,
            *self._steps.values(),
            self._differences,
            self._firsts,
        ]
        for cache in caches:
            cache.forget(before - 1)

    def verdict(self, t: int, instead: Image | None = None) -> Verdict:
        """Judges frame t, or another drawing of it, against the frames around it.

        A frame beside worse ones looks unstable because of them, so it is judged again without them.
        """
        first = self._first(t)
        if instead is None and first.is_stable:
            return first
        near = [u for u, _ in self._tracks(t)]
        bad = {
            u
            for u in near
            if self._first(u).severity >= max(1.0, 0.0 if instead is not None else first.severity)
        }
        if instead is None and (not bad or bad == set(near)):
            return first
        return self._judge(t, self._compare(t, instead, frozenset() if bad == set(near) else frozenset(bad)))

    def is_surely_stable(self, t: int, shot: range) -> bool:
        """Whether the verdict on frame t will be that it is stable, as far as the frames added so far tell.

        Args:
            shot: all frames that there are to be added.
        """
        newest, reach = max(self._drawn, default=shot.start - 1), max(OFFSETS)
        complete = range(shot.start, shot.stop if newest == shot.stop - 1 else newest - reach + 1)
        around = [u for u in range(t - AROUND, t + AROUND + 1) if u != t and u in shot]
        known = [self._difference(u) for u in around if u in complete]
        return t in complete and is_surely_usual(self._difference(t), known, len(around))

    def _first(self, t: int) -> Verdict:
        if t not in self._firsts:
            self._firsts[t] = self._judge(t, self._difference(t))
        return self._firsts[t]

    def _judge(self, t: int, own: Difference) -> Verdict:
        around = [u for u in range(t - AROUND, t + AROUND + 1) if u != t and u in self._drawn]
        if len(around) < FEWEST:
            return Verdict(t, 0.0, "too few frames to judge", {}, np.zeros(own.shapes.shape, bool))
        scores = score(own, [self._difference(u) for u in around])
        severity = float(scores.severity[scores.worst].max())
        return Verdict(
            t,
            round(severity, 3),
            scores.reason if severity >= 1 else "steady",
            scores.largest_z,
            np.ones(own.shapes.shape, bool) if scores.is_whole else scores.tiles,
        )

    def _difference(self, t: int) -> Difference:
        if t not in self._differences:
            self._differences[t] = self._compare(t)
        return self._differences[t]

    def _compare(
        self, t: int, instead: Image | None = None, without: frozenset[int] = frozenset()
    ) -> Difference:
        if instead is not None:
            instead = as_image(instead, f"the other drawing of frame {t}")
        drawn, source = self._drawn[t] if instead is None else _small(instead), self._source[t]
        tracks = [(u, track) for u, track in self._tracks(t) if u not in without]
        if not tracks:
            return nothing(drawn.shape)
        expected: list[Image] = []
        source_expected: list[Image] = []
        belief = np.zeros(drawn.shape[:2], np.float32)
        for u, track in tracks:
            motion, cost = parted(track)
            carried = [warp(frames[u], motion, smooth=False) for frames in (self._drawn, self._source)]
            sure = confidence_in(motion, cost, source, carried[1])
            weights = cv2.merge([sure] * 3)
            for own, other, seen in zip((drawn, source), carried, (expected, source_expected), strict=True):
                seen.append(cv2.add(own, cv2.multiply(cv2.subtract(other, own), weights)))
            belief += sure / np.float32(len(tracks))
        details = np.array(
            self._details[t] if instead is None else (log_detail(instead), self._details[t][1])
        )
        details -= np.median([self._details[u] for u, _ in tracks], axis=0)
        return compare(
            (drawn, source), (median(expected), median(source_expected)), belief, (details[0], details[1])
        )

    def _tracks(self, t: int) -> Iterator[tuple[int, Track]]:
        for direction in (-1, 1):
            track: Track | None = None
            for distance in range(1, max(OFFSETS) + 1):
                u = t + direction * distance
                if u not in self._drawn:
                    break
                following = self._step(u - direction, u)
                track = following if track is None else extend(track, following)
                if distance in OFFSETS:
                    yield u, track

    def _step(self, u: int, v: int) -> Track:
        """The step between two neighbouring frames; the one back is computed with it."""
        if u not in self._steps[v - u]:
            there = self._flow(self._source[u], self._source[v])
            back = self._flow(self._source[v], self._source[u])
            self._steps[v - u][u], self._steps[u - v][v] = step(there, back), step(back, there)
        return self._steps[v - u][u]


def unstable(
    stylized: Iterable[Image],
    source: Iterable[Image],
    shots: Sequence[tuple[int, int]],
    flow: Flow | None = None,
) -> Iterator[Verdict]:
    """A verdict on every frame of a film, in order; a stream, with the arguments and errors of `steady`."""
    drawn, photographed = iter(stylized), iter(source)
    for start, end in shots:
        judge, read = FrameJudge(flow), start
        for t in range(start, end):
            ahead = min(end, t + FrameJudge.lookaround + 1) - read
            pairs = list(zip(islice(drawn, ahead), islice(photographed, ahead), strict=True))
            if len(pairs) < ahead:
                raise ValueError(
                    f"the film ends after {read + len(pairs)} frames; its shots have {shots[-1][1]}."
                )
            for pair in pairs:
                judge.add(read, *pair)
                read += 1
            yield judge.verdict(t)
            judge.forget(t + 1)


def _small(image: Image) -> Image:
    return reduced(image, min(1.0, HEIGHT_PX / image.shape[0]))
