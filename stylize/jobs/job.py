"""What the pipeline works on: a film, and the parts of it that are made alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from stylize import footage
from stylize.config.settings import Repair
from stylize.footage.cadence import ExposureSheet
from stylize.footage.clip import Clip, Shot
from stylize.passes.base import Inputs, Pass
from stylize.storage.frame_store import FrameStore
from stylize.storage.place import Place

if TYPE_CHECKING:
    from stylize.comp.mattes.output import Output
    from stylize.comp.plan import CompPlan
    from stylize.footage.target import FilmTarget


class Part(Protocol):
    """Shots that go through the same passes with the same settings; most films are one part."""

    @property
    def clip(self) -> Clip: ...

    @property
    def span(self) -> range:
        """The frames of the clip that the part shows."""

    @property
    def shots(self) -> tuple[Shot, ...]:
        """They cover the span exactly."""

    @property
    def sheet(self) -> ExposureSheet:
        """Which drawing every frame shows."""

    @property
    def steps(self) -> tuple[Pass, ...]: ...

    @property
    def fingerprints(self) -> dict[str, str]:
        """Of every pass, by name."""

    @property
    def repair(self) -> Repair: ...

    @property
    def comp(self) -> CompPlan | None: ...

    @property
    def passes(self) -> tuple[Any, ...]:
        """How far each pass has come: name, frames, done."""

    def store(self, name: str) -> FrameStore:
        """Where the frames of a pass lie."""

    def frames_of(self, name: str) -> Sequence[int]:
        """The frames that a pass makes."""

    def shown(self, name: str, index: int) -> int:
        """Which of a pass's frames is seen at frame `index`."""

    def inputs(self) -> Inputs:
        """What the passes read."""


class Job(Protocol):
    """Everything that is decided before the first frame is made."""

    @property
    def clip(self) -> Clip:
        """Whose times, sound and colour tags the film has."""

    @property
    def span(self) -> range:
        """The frames of the clip that the film shows."""

    @property
    def parts(self) -> Sequence[Part]:
        """They cover the span exactly, in order."""

    @property
    def out(self) -> Path: ...

    @property
    def format(self) -> str: ...

    @property
    def audio(self) -> bool: ...

    @property
    def run_dir(self) -> Place: ...

    @property
    def foreground(self) -> Output | None:
        """The drawn subject with its alpha, as a film of its own."""

    def check_film(self, overwrite: bool) -> None:
        """Refuses an output that cannot be meant, before a frame is made."""


def check_film_of(
    job: Job, overwrite: bool, out: Path | None = None, format: str | None = None
) -> FilmTarget:
    """Refuses a job's film, or another one of the same frames and sound.

    Raises:
        UsageError: see `stylize.footage.check_film`.
    """
    return footage.check_film(
        out or job.out,
        job.clip,
        format=format or job.format,
        start=job.span.start,
        end=job.span.stop,
        audio=job.audio,
        overwrite=overwrite,
    )


def part_of(job: Job, index: int) -> Part:
    """The part that shows a frame."""
    return next(part for part in job.parts if index in part.span)


def pass_names(job: Job) -> list[str]:
    """The passes of all parts, each after those that come before it in any part."""
    before: dict[str, set[str]] = {}
    for part in job.parts:
        names = [step.name for step in part.steps]
        for earlier, name in zip([None, *names], names, strict=False):
            before.setdefault(name, set()).update([earlier] if earlier else [])
    return list(TopologicalSorter(before).static_order())


def steps_of(job: Job, name: str) -> list[tuple[Part, Pass]]:
    """The parts that have a pass of that name, each with it."""
    return [(part, step) for part in job.parts for step in part.steps if step.name == name]


def owed(job: Job, name: str) -> int:
    """How many frames a pass makes, in all parts."""
    return sum(len(part.frames_of(name)) for part, _ in steps_of(job, name))


def missing(job: Job, name: str, numbers: Iterable[int] | None = None) -> list[int]:
    """The frames of a pass that are not made yet; of `numbers`, those that it owes."""
    asked = None if numbers is None else set(numbers)
    return [
        number
        for part, _ in steps_of(job, name)
        for number in part.store(name).missing(
            number for number in part.frames_of(name) if asked is None or number in asked
        )
    ]
