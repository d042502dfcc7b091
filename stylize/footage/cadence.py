"""On which frames a new drawing comes, and which drawing every frame shows: the exposure sheet.

Animators draw on ones where things move fast, on twos where people act, on threes where little happens; a
drawing is held until the next one. The drawings are chosen before anything is drawn, shot by shot, and a frame
that repeats the picture before it never gets a drawing of its own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from stylize.footage.clip import Shot

Cadence = Literal["ones", "twos", "threes", "auto"]
HoldMode = Literal["step", "glide"]
HOLDS: dict[Cadence, int] = {"ones": 1, "twos": 2, "threes": 3}
"""For how many frames each cadence holds a drawing."""

FEWEST_DRAWINGS_S = 7.5
"""Drawings a second below which a held drawing reads as a stutter: threes at 24 frames a second make 8."""
LARGEST_JUMP = {2: 0.12, 3: 0.01}
"""How far the fastest part may move while a drawing is held, as a share of the picture's short side: a
person who acts stays below the first, somebody who listens below the second."""
LARGEST_PAN = 0.01
"""The same for the picture as a whole: the eye notices a camera that moves in steps."""


@dataclass(frozen=True)
class Motion:
    """How a shot moves from frame to frame, in shares of the picture's short side.

    `whole` is the median over the picture (the camera), `fastest` its 98th percentile (a hand, a ball); both
    are the third quartile over the shot's pairs of frames.
    """

    whole: float
    fastest: float


@dataclass(frozen=True)
class ExposureSheet:
    """The exposure sheet of a span: `shown[i]` is the number of the drawing that frame `start + i` shows.

    A drawing bears the number of the frame it is drawn from, which is the first that shows it. `holds` says for
    how many frames each shot's drawings are meant to be held. `repeats` are frames whose picture is the one
    before them again. `mended` pixels of the span held NaN or infinity in the files.
    """

    start: int
    shown: tuple[int, ...]
    holds: tuple[int, ...]
    pictures: tuple[int, ...]
    mended: int = 0

    @cached_property
    def drawings(self) -> tuple[int, ...]:
        """The frames that are drawn, ascending."""
        return tuple(sorted(set(self.shown)))

    @property
    def repeats(self) -> int:
        """How many frames show again the picture of a frame before them."""
        return len(self.pictures) - len(set(self.pictures))

    @property
    def holds_any(self) -> bool:
        """Whether any drawing is shown for longer than its own frame."""
        return len(self.drawings) < len(self.shown)

    @cached_property
    def longest(self) -> int:
        """For how many frames the longest held drawing is shown."""
        return max(Counter(self.shown).values())

    def still_lead(self, shortest: int) -> int:
        """How many frames at the beginning show still pictures for at least `shortest` frames each, one after the
        other: black, colour bars, a slate."""
        lead = 0
        for _, run in groupby(self.pictures):
            length = len(tuple(run))
            if length < shortest:
                break
            lead += length
        return lead

    def drawing_at(self, index: int) -> int:
        """The drawing that frame `index` shows."""
        return self.shown[index - self.start]

    def hold_end(self, index: int) -> int:
        """The frame after the last one that shows the drawing of frame `index`."""
        return self.start + bisect_right(self.shown, self.drawing_at(index))

    def shows_it_as_it_is(self, index: int) -> bool:
        """Whether frame `index` has the very picture that its drawing was made from."""
        return self.pictures[index - self.start] == self.pictures[self.drawing_at(index) - self.start]


def expose(shots: Sequence[Shot], holds: Sequence[int], pictures: Sequence[int]) -> ExposureSheet:
    """Lays out the drawings: one at each shot's start, and the next when its hold is over and the picture is new.

    Args:
        shots: of the span, in order and without gaps.
        holds: for how many frames each shot holds a drawing at least.
        pictures: for every frame of the span, the number of the first frame that shows the same picture.
    """
    start = shots[0].start
    shown: list[int] = []
    for shot, hold in zip(shots, holds, strict=True):
        drawing = shot.start
        for index in range(shot.start, shot.end):
            is_due = index - drawing >= hold
            if is_due and pictures[index - start] != pictures[drawing - start]:
                drawing = index
            shown.append(drawing)
    return ExposureSheet(start, tuple(shown), tuple(holds), tuple(pictures))


def choose_hold(motion: Motion, rate: Fraction) -> int:
    """The longest hold, of three frames at most, that shows neither stutter nor stepping at this motion."""
    for hold in (3, 2):
        if (
            rate / hold >= FEWEST_DRAWINGS_S
            and hold * motion.whole <= LARGEST_PAN
            and hold * motion.fastest <= LARGEST_JUMP[hold]
        ):
            return hold
    return 1
