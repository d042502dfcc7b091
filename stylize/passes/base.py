"""What a pass is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, runtime_checkable

from stylize.footage.clip import Pixels


class Inputs(Protocol):
    """What a pass may read: the plate, and the frames of the passes before it."""

    def plates(self, numbers: Sequence[int]) -> Iterator[Pixels]:
        """What is drawn at these ascending frames, at the source's size: the source's own frames, or in a comp
        the subject on its ground."""

    def sources(self, numbers: Sequence[int]) -> Iterator[Pixels]:
        """The source's frames of these ascending numbers."""

    def frames(self, name: str, numbers: Sequence[int]) -> Iterator[Pixels]:
        """What the pass `name` shows at these frames: its own picture of each, or the drawing held there."""


class Pass(Protocol):
    """One step of a frame's way.

    A pass makes every frame of a shot, or those of them that are drawings. A frame's outcome hangs on the frames
    within `lookaround` of it, counted among those that the pass makes of its shot, and on nothing else: not on
    the order of work, nor on where a chunk begins.
    """

    @property
    def name(self) -> str: ...

    @property
    def needs(self) -> tuple[str, ...]:
        """Passes whose frames are read, besides the plate."""

    @property
    def lookaround(self) -> tuple[int, int]:
        """How many frames before and after its own it reads."""

    @property
    def sees_plate(self) -> bool:
        """Whether it reads `Inputs.plates`."""

    @property
    def depends_on_frame_set(self) -> bool:
        """Whether a frame's pixels hang on which other frames are made."""

    def settings(self) -> object:
        """Every setting that the pass reads, as JSON can say it: a change of any makes new frames."""

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pixels]]:
        """Yields frames in order, each with its number.

        Args:
            shot: the numbers of the frames that this pass makes of one shot, ascending, from the shot's first.
            wanted: which of them are asked for, as positions in `shot`.
        """

    def close(self) -> None:
        """Lets go of what rendering loaded; it is loaded again when needed."""


@runtime_checkable
class ReportsNotes(Protocol):
    """A pass that has something to tell of some frames, for the film's report."""

    def told(self, number: int) -> dict[str, Any] | None:
        """What is to be told of the frame that was yielded last, as JSON can say it."""


@runtime_checkable
class Reading(Protocol):
    """A pass that reads other frames of other passes than those within `lookaround` of its own."""

    def reads(self, shot: Sequence[int], wanted: range) -> dict[str, Sequence[int]]:
        """The frames that are read, by the name of their pass, to make `wanted`: see `Pass.render`."""


def alignment_of(step: Pass) -> int:
    """How many frames a pass makes at once, counted from a shot's start: a chunk of others wastes some."""
    return int(getattr(step, "grain", 1))


def reach(shot: Sequence[int], wanted: range, lookaround: tuple[int, int]) -> range:
    """The positions in `shot` that must be read to make `wanted`: a cut is a wall."""
    behind, ahead = lookaround
    return range(max(0, wanted.start - behind), min(len(shot), wanted.stop + ahead))
