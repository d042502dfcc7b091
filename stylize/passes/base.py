"""What a pass is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from stylize.footage.clip import Pixels, Shot


class Inputs(Protocol):
    """What a pass may read: the plate, and the frames of the passes before it."""

    def plate(self, start: int, end: int) -> Iterator[Pixels]:
        """The source's frames `start` to `end`, at the source's size."""

    def frames(self, name: str, start: int, end: int) -> Iterator[Pixels]:
        """The finished frames `start` to `end` of the pass `name`."""


class Pass(Protocol):
    """One step of a frame's way.

    A frame's outcome hangs on the frames within `lookaround` of it in its own shot, and on nothing else: not
    on the order of work, nor on where a chunk begins.
    """

    @property
    def name(self) -> str: ...

    @property
    def needs(self) -> tuple[str, ...]:
        """Passes whose frames are read, besides the plate."""

    @property
    def lookaround(self) -> tuple[int, int]:
        """How many frames before and after its own it reads."""

    def settings(self) -> object:
        """Every setting that the pass reads, as JSON can say it: a change of any makes new frames."""

    def render(self, shot: Shot, start: int, end: int, inputs: Inputs) -> Iterator[tuple[int, Pixels]]:
        """Yields the frames `start` to `end` of a shot, in order, each with its number."""

    def close(self) -> None:
        """Lets go of what rendering loaded; it is loaded again when needed."""


def reach(shot: Shot, start: int, end: int, lookaround: tuple[int, int]) -> tuple[int, int]:
    """The frames that must be read to make `start` to `end`: a cut is a wall."""
    behind, ahead = lookaround
    return max(shot.start, start - behind), min(shot.end, end + ahead)
