"""What the farm reads of a job: its passes, segment by segment, their frames, where those are kept, what they read.

All that the farm knows of jobs is asked here, and of a run folder it touches nothing outside that folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stylize.errors import UsageError
from stylize.jobs.job import Job, Part, pass_names
from stylize.jobs.receipt import film_is_there
from stylize.passes.base import Pass, alignment_of
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

    job: Job
    index: int
    """The segment's place in the job."""
    segment: Part
    step: Pass

    @property
    def name(self) -> str:
        return self.step.name

    @property
    def frames(self) -> Sequence[int]:
        """The frames that the pass makes, ascending, counted from 0 in the clip."""
        return self.segment.frames_of(self.name)

    @property
    def frames_by_shot(self) -> tuple[Sequence[int], ...]:
        return tuple(frames_in(self.frames, shot) for shot in self.segment.shots)

    @property
    def batch_alignment(self) -> int:
        """How many frames the pass makes at once, counted from a shot's start."""
        return alignment_of(self.step)

    @property
    def store(self) -> FrameStore:
        """Where its frames are kept.

        Raises:
            UsageError: that is not inside the run folder.
        """
        store = self.segment.store(self.name)
        check_inside(store.folder, self.job.run_dir)
        return store

    def missing(self, frames: Iterable[int] | None = None) -> list[int]:
        """Those of its frames, or of `frames`, that the store lacks."""
        return self.store.missing(self.frames if frames is None else frames)

    def reads(self, shot: Sequence[int], wanted: range) -> Mapping[str, Sequence[int]]:
        """The frames of other passes, by their names, that are read to make the positions `wanted` of a shot."""
        return reads(self.segment, self.step, shot, wanted)

    @property
    def reads_passes(self) -> list[str]:
        """The passes of this segment that it reads at all."""
        present = {step.name for step in self.segment.steps}
        wanted = [*self.step.needs, *(["subject"] if self.step.sees_plate else [])]
        return [name for name in wanted if name in present]


def load_run(run: str) -> Job:
    """The job of a run folder, given by its path or URL.

    Raises:
        UsageError: there is none. VersionMismatch: another version of the program planned it.
    """
    from stylize.jobs.manifest import load_job
    from stylize.storage.place import place

    return load_job(place(run))


def passes_of(job: Job, name: str | None = None) -> list[SegmentPass]:
    """The passes of a job in the order of work, segment after segment; with a name, those of that name."""
    return [
        SegmentPass(job, index, segment, step)
        for index, segment in enumerate(job.parts)
        for step in segment.steps
        if name in (None, step.name)
    ]


def segment_pass(job: Job, index: int, name: str) -> SegmentPass:
    """The pass of that name in a segment, by the segment's place in the job."""
    return next(each for each in passes_of(job, name) if each.index == index)


def final_passes(job: Job) -> list[SegmentPass]:
    """The last pass of every segment: the film is made of their frames."""
    return [SegmentPass(job, index, each, each.steps[-1]) for index, each in enumerate(job.parts)]


def configs_of(job: Job) -> list[ResolvedConfig]:
    """The settings of the segments that are drawn: none where finished frames are only steadied."""
    found = [getattr(segment, "config", None) for segment in job.parts]
    return [config for config in found if config is not None]


def scene_files(job: Job) -> list[Path]:
    """The scene files of the segments that are green-screen shots."""
    return [segment.comp.scene.file for segment in job.parts if segment.comp is not None]


def draws_on_cuda(job: Job, name: str | None = None) -> bool:
    """Whether the job, or its pass of that name, needs a GPU of the kind that farms count."""
    if name is None:
        return any(config.device.startswith("cuda") for config in configs_of(job))
    configs = [getattr(each.step, "config", None) for each in passes_of(job, name)]
    return any(config is not None and config.device.startswith("cuda") for config in configs)


def memory_bytes(job: Job) -> int | None:
    """The memory that drawing the job takes, by the plan's own estimate; None where nothing is drawn."""
    costs = [segment.cost.memory_bytes for segment in job.parts if hasattr(segment, "cost")]
    return max(costs, default=None)


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
    "pass_names",
    "passes_of",
    "scene_files",
    "segment_pass",
]
