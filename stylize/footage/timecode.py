"""Times as a person writes them, and the frames they mean."""

from __future__ import annotations

import re
from bisect import bisect_right
from fractions import Fraction

from stylize.errors import UsageError
from stylize.footage.clip import Clip
from stylize.system.limits import limits
from stylize.system.numbers import read_number, shortened

_FRAMES = re.compile(r"(\d+)\s*f", re.ASCII)
_CLOCK = re.compile(r"(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:\.\d*)?|\.\d+)s?", re.ASCII)
_TYPED = Fraction(1, 2000)
"""Times are typed to the millisecond: a frame at 1.3013 s is meant by 1.301."""


def parse_time(text: str, clip: Clip) -> int:
    """The frame that a time means: the one on screen then.

    Args:
        text: `120f` (a frame's number from 0), `12.5` (seconds), `1:02.5` or `00:01:02.5`.
        clip: gives the frames' times, exact for variable rates too; the clip's first frame is at 0.

    Returns:
        A frame's number; `clip.frame_count` for the clip's end, which is meant as the end of a range.

    Raises:
        UsageError: the text is no time, or lies after the clip's end.
    """
    text = text.strip()
    if len(text) > limits().number_characters:
        raise _no_time(text)
    if frames := _FRAMES.fullmatch(text):
        index = int(frames[1])
        if index > clip.frame_count:
            raise UsageError(f"Frame {index} lies after the clip's end.", where=clip.path, hint=_length(clip))
        return index
    clock = _CLOCK.fullmatch(text)
    if not clock or (clock[2] and float(clock[3]) >= 60) or (clock[1] and int(clock[2]) >= 60):
        raise _no_time(text)
    seconds = int(clock[1] or 0) * 3600 + int(clock[2] or 0) * 60 + Fraction(clock[3])
    if seconds > clip.seconds_of(clip.frame_count) + _TYPED:
        raise UsageError(f"{text} lies after the clip's end.", where=clip.path, hint=_length(clip))
    return frame_at(seconds, clip)


def _no_time(text: str) -> UsageError:
    return UsageError(
        f"{shortened(text)!r} is not a time.",
        hint="Write seconds (12.5), a clock (00:01:02.5) or a frame (120f).",
    )


def frame_at(seconds: Fraction, clip: Clip) -> int:
    """The number of the frame on screen `seconds` after the first one; `frame_count` at the clip's end."""
    return bisect_right(range(clip.frame_count + 1), seconds + _TYPED, key=clip.seconds_of) - 1


def format_time(index: int, clip: Clip) -> str:
    """The time of a frame after the clip's first, `HH:MM:SS.mmm`; `frame_count` gives the clip's end."""
    thousandths = round(clip.seconds_of(index) * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def _length(clip: Clip) -> str:
    return f"The clip has {clip.frame_count} frames and ends at {format_time(clip.frame_count, clip)}."


def parse_rate(text: str) -> Fraction:
    """Frames a second as a person writes them: `24`, `23.976` or `24000/1001`.

    Raises:
        UsageError: the text is no such number.
    """
    rate = read_number(text)
    if rate is None or not 0 < rate <= 1000:
        raise UsageError(f"The rate cannot be {shortened(text)!r}.", hint="write 24, 23.976 or 24000/1001")
    return rate
