"""Finds the frames of a stylized film that are drawn apart from their neighbours.

Each frame is compared with what its neighbours, carried to it along the flow of the *source*, say it should
be: see difference.py. What is usual for this film is taken off, since a film that flickers all over has no
unstable frames: a frame is judged by its robust z, the distance from the median of the frames around it in units
of their own scatter, and must differ visibly besides.
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
from deflicker.grids import reduced
from deflicker.median import median
from deflicker.track import Track, confidence, extend, step
from deflicker.warp import warp

OFFSETS = (1, 2, 3)
"""Distances to both sides of the frames that a frame is compared with."""
CROWD = 12
"""How many frames to either side say what is usual."""
FEWEST = 4
"""With fewer other frames in its shot, none can be called unusual."""
HEIGHT_PX = 144
"""Frames are compared at most at this height: a drawing that pops is larger than a pixel of it."""
NORMAL = 1.4826
"""The median absolute deviation of a normal distribution, times this, is its standard deviation."""


@dataclass(frozen=True)
class Limit:
    """Unstable from this robust z on, if the difference is at least `least`; `scatter` is the least scatter."""

    z: float
    least: float
    scatter: float


LIMITS = {
    "light": Limit(1.9, 0.38, 0.03),
    "colour": Limit(3.2, 0.16, 0.015),
    "structure": Limit(5.0, 0.07, 0.017),
    "detail": Limit(2.6, 0.31, 0.03),
    "shapes": Limit(8.6, 0.29, 0.05),
    "patches": Limit(22.0, 0.051, 0.012),
}
"""Fitted to 189 bad frames each in full and in half the usual flicker, in seven films of each of the three tuning
takes of `benchmarks.repair` (pan, gust, chase); the other three score."""
PARTS = ("shapes", "patches")
WORDS = {
    "light": "it is {} than its neighbours",
    "colour": "its colours are not its neighbours'",
    "structure": "it shows other shapes than its neighbours",
    "detail": "it is {} than its neighbours",
    "shapes": "a part of it shows other shapes than its neighbours",
    "patches": "a part of it has other colours than its neighbours",
}
WAYS = {"light": ("darker", "lighter"), "detail": ("softer", "rougher")}


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


class Watch:
    """Judges frames of one shot from small copies of those around them; memory is bounded by the lookaround.

    A verdict on frame t hangs on the frames within `lookaround` of it, as far as the shot has them.
    """

    lookaround = CROWD + 2 * max(OFFSETS)

    def __init__(self, flow: Flow | None = None) -> None:
        self._flow = flow or DIS(HEIGHT_PX)
        self._drawn: dict[int, Image] = {}
        self._source: dict[int, Image] = {}
        self._details: dict[int, tuple[float, float]] = {}
        self._steps: dict[tuple[int, int], Track] = {}
        self._differences: dict[int, Difference] = {}
        self._firsts: dict[int, Verdict] = {}

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
        """Lets go of what verdicts on frame `before` and later ones will not ask for."""
        for kept, first in (
            (self._firsts, before - max(OFFSETS)),
            (self._differences, before - CROWD - max(OFFSETS)),
            (self._details, before - self.lookaround),
            (self._drawn, before - self.lookaround),
            (self._source, before - self.lookaround),
        ):
            for index in [index for index in kept if index < first]:
                del kept[index]
        for key in [key for key in self._steps if key[0] < before - self.lookaround]:
            del self._steps[key]

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

    def _first(self, t: int) -> Verdict:
        if t not in self._firsts:
            self._firsts[t] = self._judge(t, self._differs(t))
        return self._firsts[t]

    def _judge(self, t: int, own: Difference) -> Verdict:
        crowd = [self._differs(u) for u in range(t - CROWD, t + CROWD + 1) if u != t and u in self._drawn]
        rows_columns = own.shapes.shape
        if len(crowd) < FEWEST:
            return Verdict(t, 0.0, "too few frames to judge", {}, np.zeros(rows_columns, bool))
        scores, severities = {}, {}
        for name, limit in LIMITS.items():
            usual = np.stack([np.asarray(getattr(each, name)) for each in crowd])
            z, apart = _robust_z(np.asarray(getattr(own, name)), usual, limit.scatter)
            scores[name] = z
            severities[name] = np.nan_to_num(np.fmin(np.abs(z) / limit.z, np.abs(apart) / limit.least))
            if name in ("structure", *PARTS):  # to be more alike than usual is no fault
                severities[name] = np.where(z > 0, severities[name], 0)
        worst = max(severities, key=lambda name: float(severities[name].max()))
        severity = float(severities[worst].max())
        whole = any(severities[name].max() >= 1 for name in severities if name not in PARTS)
        tiles = np.max([severities[name] for name in PARTS], axis=0) >= 0.3
        return Verdict(
            t,
            round(severity, 3),
            _reason(worst, scores[worst]) if severity >= 1 else "steady",
            {
                name: round(float(np.nan_to_num(z).flat[np.abs(np.nan_to_num(z)).argmax()]), 2)
                for name, z in scores.items()
            },
            np.ones(rows_columns, bool) if whole else tiles,
        )

    def _differs(self, t: int) -> Difference:
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
        told: list[Image] = []
        belief = np.zeros(drawn.shape[:2], np.float32)
        for u, track in tracks:
            sure = confidence(track, source, self._source[u])
            motion, weights = np.ascontiguousarray(track[..., :2]), cv2.merge([sure] * 3)
            for own, frames, seen in ((drawn, self._drawn, expected), (source, self._source, told)):
                carried = warp(frames[u], motion, smooth=False)
                seen.append(cv2.add(own, cv2.multiply(cv2.subtract(carried, own), weights)))
            belief += sure / np.float32(len(tracks))
        details = np.array(
            self._details[t] if instead is None else (log_detail(instead), self._details[t][1])
        )
        details -= np.median([self._details[u] for u, _ in tracks], axis=0)
        return compare((drawn, source), (median(expected), median(told)), belief, (details[0], details[1]))

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
        if (u, v) not in self._steps:
            there = self._flow(self._source[u], self._source[v])
            back = self._flow(self._source[v], self._source[u])
            self._steps[u, v], self._steps[v, u] = step(there, back), step(back, there)
        return self._steps[u, v]


def unstable(
    stylized: Iterable[Image],
    source: Iterable[Image],
    shots: Sequence[tuple[int, int]],
    flow: Flow | None = None,
) -> Iterator[Verdict]:
    """A verdict on every frame of a film, in order; a stream, with the arguments and errors of `steady`."""
    drawn, photographed = iter(stylized), iter(source)
    for start, end in shots:
        watch, read = Watch(flow), start
        for t in range(start, end):
            ahead = min(end, t + Watch.lookaround + 1) - read
            pairs = list(zip(islice(drawn, ahead), islice(photographed, ahead), strict=True))
            if len(pairs) < ahead:
                raise ValueError(
                    f"the film ends after {read + len(pairs)} frames; its shots have {shots[-1][1]}."
                )
            for pair in pairs:
                watch.add(read, *pair)
                read += 1
            yield watch.verdict(t)
            watch.forget(t + 1)


def _robust_z(value: Any, crowd: NDArray[Any], least: float) -> tuple[Any, Any]:
    """(value - median) / scatter over the crowd's first axis, and the difference itself.

    The scatter is the scaled median absolute deviation, a little more where the crowd is small and says less of
    it, but no less than `least`.
    """
    with np.errstate(invalid="ignore"):
        middle = _nan_median(crowd)
        few = 1 + 3 / len(crowd) + 24 / len(crowd) ** 2
        scatter = np.fmax(NORMAL * _nan_median(np.abs(crowd - middle)), least) * few
        return (value - middle) / scatter, value - middle


def _nan_median(values: NDArray[Any]) -> Any:
    """The median over the first axis of what is no NaN; NaN where fewer than `FEWEST` are left."""
    known = np.isfinite(values).sum(axis=0)
    ordered = np.sort(values, axis=0)  # NaNs come last
    low, high = np.maximum(known - 1, 0) // 2, known // 2
    picked = [
        np.take_along_axis(ordered, at[None], axis=0)[0] for at in (low, np.minimum(high, len(values) - 1))
    ]
    return np.where(known >= FEWEST, (picked[0] + picked[1]) / 2, np.nan)


def _small(image: Image) -> Image:
    return reduced(image, min(1.0, HEIGHT_PX / image.shape[0]))


def _reason(name: str, z: Any) -> str:
    if name in WAYS:
        return WORDS[name].format(WAYS[name][int(z > 0)])
    if name not in PARTS:
        return WORDS[name]
    row, column = np.unravel_index(np.nan_to_num(z, nan=-np.inf).argmax(), z.shape)
    across, down = (column + 0.5) / z.shape[1], (row + 0.5) / z.shape[0]
    return f"{WORDS[name]}, around {across:.0%} from the left and {down:.0%} from the top"
