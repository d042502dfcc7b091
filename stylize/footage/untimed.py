"""Frames whose file does not say when they are shown: raw H.264 and HEVC streams, Matroska that begins before zero.

Players show such frames one after the other at the stream's rate, and so they are read here. They can be told apart
only by their order from the file's beginning on.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any


def rate_without_times(stream: Any) -> Fraction:
    """Frames a second by what the coded stream says of itself; 25, as ffmpeg takes it, where it says nothing."""
    return Fraction(stream.codec_context.framerate or stream.average_rate or 25)


def times_by_order(times: Sequence[int | None], step: Fraction) -> tuple[int, ...]:
    """Every frame's time, in ticks.

    A frame without one comes a step after the frame before it. Those at the head lead up to the first time that
    there is, or begin at zero where there is none. Where the times that there are leave no room for the others, all
    frames are a step apart.

    Args:
        times: in ticks; None where the file gives none.
        step: ticks from a frame to the next.
    """
    number, ticks = next(((n, time) for n, time in enumerate(times) if time is not None), (0, 0))
    filled = [round(ticks - step * (number - n)) for n in range(number)]
    origin, since = ticks, number
    for n in range(number, len(times)):
        time = times[n]
        if time is not None:
            origin, since = time, n
        filled.append(round(origin + step * (n - since)))
    if all(before < after for before, after in pairwise(filled)):
        return tuple(filled)
    return tuple(round(filled[0] + step * n) for n in range(len(times)))
