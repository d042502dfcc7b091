"""Telecined film: 24 frames a second that were brought to 30 by pulldown, and come back from there.

Every four frames of film, A B C D, were laid on two, three, two and three fields, which makes five frames of video.
The earlier fields of the five are A B B C D, the later ones A B C D D. Cameras that mean to be brought back ("24p
advanced") lay them on two, three, three and two: the later fields are A B C C D, and four of the five are whole.
Once the place of A is known, each frame of film is made of its own two fields, so that it is the same from wherever
reading starts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from stylize.footage.fields import FieldOrder

CYCLE = 5
"""Frames of video that four frames of film make."""
PulldownKind = Literal["2:3", "2:3:3:2"]
"""On how many fields the frames of film were laid."""
PLACES: dict[PulldownKind, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "2:3": ((0, 1, 3, 4), (0, 1, 2, 4)),
    "2:3:3:2": ((0, 1, 3, 4), (0, 1, 3, 4)),
}
"""In which of five frames of video the earlier and the later field of A, B, C and D lie."""
TIME_BASE = Fraction(1, 120_000)
"""A unit in which frames of 29.97, 23.976, 30 and 24 a second are whole numbers long."""


@dataclass(frozen=True)
class Pulldown:
    """How a film lies in its frames of video, which number `len(pts)`.

    `order` tells which field is the earlier one; video frame n is an A where n % 5 == `phase`. `rate`, `time_base`
    and `pts` are the video's own.
    """

    kind: PulldownKind
    order: FieldOrder
    phase: int
    rate: Fraction
    time_base: Fraction
    pts: tuple[int, ...]

    @property
    def film_rate(self) -> Fraction:
        """Frames of film a second."""
        return self.rate * 4 / 5

    @property
    def first(self) -> int:
        """The first frame of film that has both its fields, counted from the first A."""
        return next(n for n in range(-4, 5) if min(self._sources(n)) >= 0 and self._steps_to(n) >= 0)

    @property
    def frame_count(self) -> int:
        """How many frames of film have both their fields."""
        last = len(self.pts) * 4 // 5 + 4
        while last >= self.first and max(self._sources(last)) >= len(self.pts):
            last -= 1
        return last + 1 - self.first

    def sources(self, index: int) -> tuple[int, int]:
        """The numbers of the video's frames that hold the earlier and the later field of a frame of film."""
        return self._sources(index + self.first)

    def _sources(self, number: int) -> tuple[int, int]:
        cycle, place = divmod(number, 4)
        start = 5 * cycle + self.phase
        earlier, later = PLACES[self.kind]
        return start + earlier[place], start + later[place]

    def _steps_to(self, number: int) -> int:
        """The time of a frame of film after the first of video, in quarters of a frame of video."""
        return 4 * self.phase + 5 * number

    @property
    def film_pts(self) -> tuple[int, ...]:
        """The times of all frames of film in units of `TIME_BASE`, at exactly equal steps."""
        step = round(1 / (4 * self.rate * TIME_BASE))
        origin = round(self.pts[0] * self.time_base / TIME_BASE)
        first = origin + step * self._steps_to(self.first)
        return tuple(first + 5 * step * index for index in range(self.frame_count))

    def timecode_frame(self, frame: int) -> int:
        """The number at the film's rate of its first frame; `frame` is that of the video's first frame."""
        return round((frame + Fraction(self._steps_to(self.first), 4)) * 4 / 5)


def film_frames(
    video: Iterator[tuple[int, Any]], pulldown: Pulldown, start: int, end: int
) -> Iterator[tuple[int, Any]]:
    """The frames `start` to `end` of a film, with their numbers.

    Args:
        video: the `av.VideoFrame`s that hold their fields (`span_of`), with their numbers.
    """
    index = start
    before: Any = None
    for number, picture in video:
        earlier, later = pulldown.sources(index)
        if max(earlier, later) == number:
            yield index, picture if earlier == later else _woven(picture, before, pulldown.order)
            index += 1
            if index == end:
                return
        before = picture


def span_of(pulldown: Pulldown, start: int, end: int) -> tuple[int, int]:
    """Which frames of video hold the fields of these frames of film: the first, and the one after the last."""
    return min(pulldown.sources(start)), max(pulldown.sources(end - 1)) + 1


def _woven(earlier: Any, later: Any, order: FieldOrder) -> Any:
    """A new picture of the earlier field of one and the later field of another."""
    import av

    picture = av.VideoFrame(earlier.width, earlier.height, earlier.format.name)
    rows = {0: earlier, 1: later} if order == "tff" else {0: later, 1: earlier}
    for parity, source in rows.items():
        for into, plane in zip(picture.planes, source.planes, strict=True):
            wide = min(into.line_size, plane.line_size)
            _rows(into)[parity::2, :wide] = _rows(plane)[parity::2, :wide]
    picture.color_range, picture.colorspace = earlier.color_range, earlier.colorspace
    picture.time_base = earlier.time_base
    return picture


def _rows(plane: Any) -> Any:
    return np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
