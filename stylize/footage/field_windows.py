"""Runs of decoded pictures, spread over a film, in which its fields are measured: see `field_order`, `telecine`."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stylize.errors import FootageError
from stylize.footage.container import opened
from stylize.footage.luma_fields import MOVES, Fields, fields_of

if TYPE_CHECKING:
    from stylize.footage.clip import Clip

RATES = (Fraction(25), Fraction(30000, 1001), Fraction(30))
"""Frames a second of footage that may hold two fields a frame: PAL's and NTSC's."""
PLACES = 6
"""How many runs of pictures are read."""
LENGTH = 11
"""Pictures of a run: two cycles of five, and the first of a third."""
RUN_UP_PX = 40_000_000
"""How many pixels may be decoded from a keyframe on to come to a place; else the pictures at the keyframe serve."""
SMALLEST_PX = 16
MOST_ROWS = 1152
"""Taller pictures never held two fields: the largest interlaced format has 1080 rows, 1088 as they are coded."""
LEAST_MOVING = 0.002
"""The share of a picture's pixels that must move before anything can be said of its fields."""


@dataclass(frozen=True)
class FieldPair:
    """Two pictures that follow one another, `index` the number of the first, and where something moves."""

    index: int
    before: Fields
    after: Fields
    moving: NDArray[np.bool_]

    @property
    def moves(self) -> bool:
        return bool(self.moving.mean() >= LEAST_MOVING)


def read_windows(clip: Clip) -> Iterator[list[FieldPair]]:
    """The runs of a film that may be interlaced, as pairs of pictures; none for any other film.

    They are read as they are asked for: whoever has seen enough stops. A run ends early where the film is damaged:
    that is for those to report who read the frames there.
    """
    may_be = any(abs(clip.rate / rate - 1) < Fraction(1, 2000) for rate in RATES)
    if not may_be or not clip.has_constant_rate or clip.rotation in (90, 270) or clip.has_alpha:
        return
    if clip.untimed or min(clip.width, clip.height) < SMALLEST_PX or clip.height > MOST_ROWS:
        return
    read_to = 0
    with opened(clip.path) as container:
        for place in range(PLACES):
            start = max(read_to, (clip.frame_count - LENGTH) * place // (PLACES - 1))
            numbers, pictures = (
                _read(container, clip, start, read_to) if start < clip.frame_count else ([], [])
            )
            if numbers:
                yield _pairs(numbers, pictures)
                read_to = numbers[-1] + 1


def _read(container: Any, clip: Clip, start: int, read_to: int) -> tuple[list[int], list[Fields]]:
    """The pictures from frame `start` on, or those at the keyframe before it where that is too far away; none
    where those were read already."""
    import av

    numbers: list[int] = []
    fields: list[Fields] = []
    try:
        for index, picture in islice(_from_keyframe(container, clip, start, read_to), LENGTH):
            if numbers and index != numbers[-1] + 1:
                break
            found = fields_of(picture)
            if found is None:
                break
            numbers.append(index)
            fields.append(found)
    except (FootageError, av.error.FFmpegError):  # damaged here, or a file in which one cannot seek
        pass
    return numbers, fields


def _from_keyframe(container: Any, clip: Clip, start: int, read_to: int) -> Iterator[tuple[int, Any]]:
    from stylize.footage.decoder import decoded

    stream = container.streams[clip.stream]
    if start > 0:
        container.seek(clip.pts_of(start), stream=stream, backward=True)
    run_up = RUN_UP_PX // (clip.width * clip.height)
    skips = None
    for picture in decoded(container, stream, clip.path):
        if picture.pts is None:
            return
        index = bisect_left(clip.pts, picture.pts)
        if index == clip.frame_count or clip.pts[index] != picture.pts:
            return
        if skips is None:
            skips = index < start <= index + run_up
            if index < read_to and not skips:
                return
        if not skips or index >= start:
            yield index, picture


def _pairs(numbers: list[int], fields: list[Fields]) -> list[FieldPair]:
    return [
        FieldPair(index, before, after, _moving(before, after))
        for index, (before, after) in zip(numbers, pairwise(fields), strict=False)
    ]


def _moving(before: Fields, after: Fields) -> NDArray[np.bool_]:
    upper, lower = (np.abs(b - a) > MOVES for a, b in zip(before, after, strict=True))
    moving: NDArray[np.bool_] = upper | lower
    return moving
