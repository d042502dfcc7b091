"""Which frames of a clip are worth painting."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from deflicker.keyframes import GUIDE_HEIGHT, choose, coverages, union
from stylize import footage
from stylize.errors import UsageError
from stylize.footage.clip import Clip, Pixels, Shot

CANDIDATES = 24
"""So many frames of a shot are tried, evenly spread."""
BLIND = 0.35
"""A place known less than this is open."""
MARK = np.array([1.0, 0.1, 0.1], np.float32)


@dataclass(frozen=True)
class Suggestion:
    """A frame worth painting.

    `shows` is the part of the shots that is known once it and those before it in the list are painted; `blind` what
    was open of this very frame before, (rows, columns) in [0, 1].
    """

    frame: int
    shows: float
    blind: Pixels


def suggest_keys(
    clip: Clip,
    shots: Sequence[Shot],
    count: int,
    given: Sequence[int] = (),
    listener: Callable[[int, int], None] = lambda done, total: None,
) -> list[Suggestion]:
    """The frames that together with the keys given show most of the shots, the most helpful first.

    Args:
        count: how many.
        given: frames that are painted already.
        listener: is called with the candidates tried and all of them.

    Raises:
        UsageError: there are fewer frames than asked for.
    """
    frames = sum(len(shot) for shot in shots)
    if count > frames - len(given):
        raise UsageError(
            f"{count} keys were asked of {frames} frames, of which {len(given)} are painted.",
            where="-n",
            hint="ask for fewer",
        )
    tried = {shot: _candidates(shot, [at for at in given if at in shot], count) for shot in shots}
    total, found = sum(len(each) for each in tried.values()), {}
    for shot, candidates in tried.items():
        guides = dict(_guides(clip, shot))
        for key, coverage in coverages(guides, candidates):
            found[key] = coverage
            listener(len(found), total)
    suggestions, painted = [], list(given)
    for key in choose(found, count, given):
        before = union(found, painted).get(key)
        painted.append(key)
        known = sum(float(each.sum()) for each in union(found, painted).values())
        places = next(iter(next(iter(found.values())).values())).size
        nothing = np.zeros_like(found[key][key])
        suggestions.append(
            Suggestion(key, known / (frames * places), 1 - (nothing if before is None else before))
        )
    return suggestions


def mark_open(plate: Pixels, blind: Pixels) -> Pixels:
    """The plate, what is open of it marked in red: (height, width, 3).

    Args:
        blind: how far each place is open, (rows, columns) in [0, 1], of any size.
    """
    rows, columns = plate.shape[:2]
    large = cv2.resize(blind, (columns, rows), interpolation=cv2.INTER_LINEAR)
    part = np.clip((large - (1 - BLIND)) / BLIND + 0.5, 0, 1)[..., None] * np.float32(0.6)
    return np.asarray(plate * (1 - part) + MARK * part, np.float32)


def _candidates(shot: Shot, given: Sequence[int], count: int) -> list[int]:
    spread = min(len(shot), max(CANDIDATES, count))
    even = {shot.start + round((n + 0.5) * len(shot) / spread - 0.5) for n in range(spread)}
    return sorted(even | set(given))


def _guides(clip: Clip, shot: Shot) -> Iterator[tuple[int, Pixels]]:
    scale = min(1.0, GUIDE_HEIGHT / clip.height)
    size = max(1, round(clip.width * scale)), max(1, round(clip.height * scale))
    for frame in footage.read_frames(clip, start=shot.start, end=shot.end):
        small = cv2.resize(frame.pixels, size, interpolation=cv2.INTER_AREA)
        yield frame.index, np.rint(np.clip(small, 0, 1) * 255).astype(np.uint8)
