"""Frames as people name them: `1001-1020`, `1-100x8`, `3,7,12-20`. Ranges hold both their ends."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

from stylize.errors import UsageError
from stylize.footage.clip import Clip
from stylize.system.limits import limits
from stylize.system.numbers import shortened

_RANGE = re.compile(r"(-?\d+)(?:-(-?\d+)(?:x(\d+))?)?", re.ASCII)


def parse_frames(text: str, clip: Clip, span: range) -> list[int]:
    """The frames of a clip, counted from 0, ascending.

    Args:
        text: ranges by the numbers that the frames bear: a sequence's own, else counted from 0. `all` stands
            for the whole span.
        span: the frames there are.

    Raises:
        UsageError: it cannot be meant, or names a frame that is not there.
    """
    if text == "all":
        return list(span)
    first = clip.first_number or 0
    ranges = [range(each.start - first, each.stop - first, each.step) for each in _ranges(text)]
    for each in ranges:  # before any of them is counted out
        if each[0] not in span or each[-1] not in span:
            outside = each[0] if each[0] not in span else max(span.stop, each[0])
            raise UsageError(
                f"There is no frame {outside + first}.",
                hint=f"the film has {spell_frames(span, clip)}",
            )
    return sorted(set().union(*ranges))


def _ranges(text: str) -> Iterable[range]:
    if ":" in text:
        raise UsageError(
            f"The frames {text!r} can be read in two ways.", hint="write every eighth frame as 1-100x8"
        )
    for word in text.split(","):
        match = _RANGE.fullmatch(word.strip()) if len(word) <= 2 * limits().number_characters else None
        if match is None:
            raise UsageError(
                f"The frames {shortened(text)!r} cannot be read.",
                hint="write 12, 1001-1020, 1-100x8 or 3,7,12-20",
            )
        start, end, step = int(match[1]), int(match[2] or match[1]), int(match[3] or 1)
        if end < start or step < 1:
            raise UsageError(
                f"The frames {word.strip()!r} hold nothing.", hint="write the smaller number first"
            )
        yield range(start, end + 1, step)


def spell_frames(frames: Sequence[int], clip: Clip) -> str:
    """Frames counted from 0 as a person names them: `1001-1020,1024`."""
    first = clip.first_number or 0
    runs = (list(run) for _, run in itertools.groupby(enumerate(frames), key=lambda pair: pair[1] - pair[0]))
    ends = [(run[0][1] + first, run[-1][1] + first) for run in runs]
    return ",".join(str(start) if start == end else f"{start}-{end}" for start, end in ends)
