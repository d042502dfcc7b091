"""Makes the frames of a pass, whoever asks: a run on this machine, a cluster or a render farm.

It is idempotent: frames that lie in the store are left alone, and those it makes are committed one by one. What it
reads of other passes must lie there already; where it begins or ends changes no pixel.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from stylize.errors import NotReady
from stylize.footage.clip import Shot
from stylize.passes.base import Inputs, Pass, Pictures, ReportsNotes
from stylize.storage.frame_file import Levels
from stylize.storage.frame_store import FrameStore


class PassContext(Protocol):
    """Where the passes of a segment work: its shots, its stores and what they read."""

    @property
    def shots(self) -> tuple[Shot, ...]:
        """They cover the segment exactly, in order."""

    def store(self, picture: str) -> FrameStore:
        """Where the pictures of that name lie."""

    def giver(self, picture: str) -> Pass | None:
        """The pass that makes the pictures of that name; None for footage."""

    def missing(self, step: Pass, numbers: Iterable[int] | None = None) -> list[int]:
        """The frames of a pass that are not made yet; of `numbers`, those that it makes."""

    def inputs(self) -> Inputs:
        """What the passes read."""


def make(context: PassContext, step: Pass, numbers: Iterable[int]) -> Iterator[int]:
    """Makes those of the frames that are missing, and yields the number of each once it is committed.

    Args:
        step: one of the segment's passes; what it loads stays loaded, so close it when it is no longer needed.
        numbers: frames of the clip; those that the pass does not make are left out.

    Raises:
        NotReady: a frame of another pass, from which these are made, is missing.
        StylizeError: what went wrong; the frames yielded are kept.
    """
    inputs, stores = context.inputs(), [context.store(name) for name in step.gives]
    for shot, wanted in stretches(step.frames.numbers, context.missing(step, numbers), context.shots):
        check_inputs(context, step, shot, wanted)
        for number, pictures in step.render(shot, wanted, inputs):
            commit(step, stores, number, pictures)
            yield number


def commit(step: Pass, stores: Sequence[FrameStore], number: int, pictures: Pictures) -> list[Levels]:
    """Keeps the pictures of a frame, and what is to be reported of it before them; gives them as they are kept."""
    if isinstance(step, ReportsNotes) and (note := step.note(number)) is not None:
        stores[0].write_note(number, note)
    return [store.write(number, picture) for store, picture in zip(stores, pictures, strict=True)]


def check_inputs(context: PassContext, step: Pass, shot: Sequence[int], wanted: range) -> None:
    """Sees that every frame is there that a stretch is made from.

    Raises:
        NotReady: one is not.
    """
    for name, numbers in reads(context, step, shot, wanted).items():
        giver = context.giver(name)
        missing = context.store(name).missing(numbers)
        if missing and giver is not None:
            raise NotReady(step.name, giver.name, missing)


def reads(context: PassContext, step: Pass, shot: Sequence[int], wanted: range) -> dict[str, list[int]]:
    """The frames of other passes that are read to make `wanted` of a shot, by the names of their pictures."""
    found: dict[str, list[int]] = {}
    for name, numbers in step.reads(shot, wanted).items():
        giver = context.giver(name)
        if giver is not None:
            found[name] = sorted({giver.frames.shown_at(number) for number in numbers})
    return found


def stretches(
    owed: Sequence[int], missing: Sequence[int], shots: Sequence[Shot]
) -> Iterator[tuple[Sequence[int], range]]:
    """The frames that a pass makes of each shot, with runs of missing ones among them as positions."""
    lacking = set(missing)
    for shot in shots:
        frames = frames_in(owed, shot)
        places = [place for place, number in enumerate(frames) if number in lacking]
        for _, run_of in itertools.groupby(enumerate(places), key=lambda pair: pair[1] - pair[0]):
            run = [place for _, place in run_of]
            yield frames, range(run[0], run[-1] + 1)


def frames_in(owed: Sequence[int], shot: Shot) -> Sequence[int]:
    """Those of ascending frames that lie in a shot."""
    return owed[bisect_left(owed, shot.start) : bisect_left(owed, shot.end)]
