"""Which frame of a clip a painted file is of, as its name says."""

from __future__ import annotations

import re
from pathlib import Path

from stylize.errors import UsageError
from stylize.footage.clip import Clip
from stylize.footage.timecode import parse_time

_CLOCK = re.compile(r"(?:^|[^\d])(\d{2})[-_:h](\d{2})[-_:m](\d{2})(?:[.,](\d{1,3}))?s?$", re.ASCII)
_NUMBER = re.compile(r"(\d+)(?:f)?$", re.ASCII)
_WORD = re.compile(r"\.[^\W\d][^.]*(?<!\d{3})$", re.ASCII)
"""After the number: such as the style that `stylize run` adds to a picture's name: `.cel`, `.painted-90s`."""
HINT = "name it by its frame, as 000120.png or shot.000120.png, or by its time, as 00-00-05.000.png"


def frame_named(path: Path, clip: Clip) -> int:
    """The frame that a file's name ends with: a number that counts from 0, or a time `HH-MM-SS.mmm`.

    Words may stand after it, as in `shot.000120.cel.png`.

    Raises:
        UsageError: the name says no frame, or one after the clip's end.
    """
    stem = _without_words(path.stem)
    if clock := _CLOCK.search(stem):
        hours, minutes, seconds, rest = clock.groups()
        at = parse_time(f"{hours}:{minutes}:{seconds}.{rest or 0}", clip)
    elif number := _NUMBER.search(stem):
        at = int(number[1])
    else:
        raise UsageError("The name of this key says no frame.", where=path, hint=HINT)
    if at >= clip.frame_count:
        raise UsageError(
            f"This key would be of frame {at}; the clip ends with frame {clip.frame_count - 1}.",
            where=path,
            hint="frames count from 0; stylize keyframes suggest names its plates as they must be called",
        )
    return at


def _without_words(stem: str) -> str:
    """The name as far as its number or time, if there is one before its last words."""
    while (shorter := _WORD.sub("", stem)) != stem and (_CLOCK.search(shorter) or _NUMBER.search(shorter)):
        stem = shorter
    return stem
