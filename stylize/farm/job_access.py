"""What the farm reads of a job: its passes, segment by segment, their frames, where those are kept, what they read.

All that the farm knows of jobs is asked here, and of a run folder it touches nothing outside that folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stylize.errors import UsageError
from stylize.jobs.job import RenderJob, Segment
from stylize.jobs.receipt import film_is_there
from stylize.jobs.shown import picture_shown
from stylize.jobs.specs import DrawingSpec
from stylize.passes.base import Pass
from stylize.passes.runner import frames_in, reads
from stylize.storage.frame_store import FrameStore
from stylize.storage.place import Place

if TYPE_CHECKING:
    from stylize.config.resolved import ResolvedConfig

ENCODE = "encode"
"""The last task of a job, which makes its film; named like a pass wherever tasks are listed."""


@dataclass(frozen=True)
class SegmentPass:
    """One pass of one segment of a job (shots with the same settings; most jobs are one segment)."""

    job: RenderJob
    index: int
    """The segment's place in the job."""
    segment: Segment
    step: Pass

    @property
    def name(self) -> str:
        return self.step.name

    @property
    def frames(self) -> Sequence[int]:
        """The frames that the pass makes, ascending, counted from 0 in the clip."""
        return self.step.frames.numbers

    @property
    def frames_by_shot(self) -> tuple[Sequence[int], ...]:
        return tuple(frames_in(self.frames, shot) for shot in self.segment.shots)

    @property
    def batch_alignment(self) -> int:
        """How many frames the pass makes at once, counted from a shot's start."""
        return self.step.batch_alignment

    @property
    def stores(self) -> list[FrameStore]:
        """Where its pictures are kept.

        Raises:
            UsageError: one is not inside the run folder.
        """
        stores = self.segment.stores(self.step)
        for store in stores:
            check_inside(store.folder, self.job.run_dir)
        return stores

    def missing(self, frames: Iterable[int] | None = None) -> list[int]:
        """Those of its frames, or of `frames`, that a store lacks."""
        return self.segment.missing(self.step, frames)

    def remove(self, frame: int) -> bool:
        """Takes a frame out of the stores; answers whether it was there."""
        removed = [store.forget(frame) for store in self.stores]
        return any(removed)

    def reads(self, shot: Sequence[int], wanted: range) -> Mapping[str, Sequence[int]]:
        """The frames of other passes, by their names, that are read to make the positions `wanted` of a shot."""
        found: dict[str, set[int]] = {}
        for picture, numbers in reads(self.segment, self.step, shot, wanted).items():
            giver = self.segment.giver(picture)
            if giver is not None:
                found.setdefault(giver.name, set()).update(numbers)
        return {name: sorted(numbers) for name, numbers in found.items()}

    @property
    def reads_passes(self) -> list[str]:
        """The passes of this segment that it reads at all."""
        givers = (self.segment.giver(picture) for picture in self.step.needs)
        return list(dict.fromkeys(giver.name for giver in givers if giver is not None))


def load_run(run: str, planned: Mapping[str, str] | None = None) -> RenderJob:
    """The job of a run folder, given by its path or URL.

    Args:
        planned: the fingerprints of jobs that the user's own command has planned, by their run folders.

    Raises:
        UsageError: there is none. VersionMismatch: another version of the program planned it.
    """
    from stylize.jobs.manifest import load_job
    from stylize.storage.place import place

    return load_job(place(run), expect=(planned or {}).get(run))


def passes_of(job: RenderJob, name: str | None = None) -> list[SegmentPass]:
    """The passes of a job in the order of work, segment after segment; with a name, those of that name."""
    return [
        SegmentPass(job, index, segment, step)
        for index, segment in enumerate(job.segments)
        for step in segment.passes
        if name in (None, step.name)
    ]


def segment_pass(job: RenderJob, index: int, name: str) -> SegmentPass:
    """The pass of that name in a segment, by the segment's place in the job."""
    return next(each for each in passes_of(job, name) if each.index == index)


def final_passes(job: RenderJob) -> list[SegmentPass]:
    """The passes of whose frames the films are made, of every segment."""
    shown = {
        (index, picture_shown(segment, film))
        for index, segment in enumerate(job.segments)
        for film in job.films
    }
    return [
        each for each in passes_of(job) if any((each.index, picture) in shown for picture in each.step.gives)
    ]


def configs_of(job: RenderJob) -> list[ResolvedConfig]:
    """The configs of the segments that are drawn: none where finished frames are only steadied."""
    specs = [segment.spec for segment in job.segments if isinstance(segment.spec, DrawingSpec)]
    return [
        config
        for spec in specs
        for config in (spec.config, *([spec.key_model.config] if spec.key_model else []))
    ]


def draws_on_cuda(job: RenderJob, name: str | None = None) -> bool:
    """Whether the job, or its pass of that name, needs a GPU of the kind that farms count."""
    return any(each.frames and each.step.device.startswith("cuda") for each in passes_of(job, name))


def memory_bytes(job: RenderJob) -> int | None:
    """The memory that drawing the job takes, by the plan's own estimate; None where nothing is drawn."""
    from stylize.jobs.cost import cost_of

    return cost_of(job).memory_bytes if configs_of(job) else None


def check_inside(folder: Place, run_dir: Place) -> None:
    """Refuses a folder of a run that leads out of it, by its name or by a symbolic link: run folders are passed
    on, and nobody's other files may be deleted or replaced because of what stands in one.

    Raises:
        UsageError: it does.
    """
    if isinstance(folder, Path) and isinstance(run_dir, Path):
        inside = folder.resolve().is_relative_to(run_dir.resolve())
    else:
        inside = run_dir in folder.parents and ".." not in folder.parts
    if not inside:
        raise UsageError(
            "This folder of the run lies outside the run folder.",
            where=folder,
            hint="make the run again with your own command; do not use run folders of people you do not trust",
        )


__all__ = [
    "ENCODE",
    "SegmentPass",
    "check_inside",
    "configs_of",
    "draws_on_cuda",
    "film_is_there",
    "final_passes",
    "load_run",
    "memory_bytes",
    "passes_of",
    "segment_pass",
]
