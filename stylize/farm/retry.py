"""Removes frames from a run, with everything that was made from them, so that they are made again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping

from stylize.farm.failures import forget_failure
from stylize.farm.job_access import SegmentPass, passes_of
from stylize.jobs.job import RenderJob
from stylize.jobs.manifest.names import RECEIPT


def remove_frames(job: RenderJob, name: str, frames: Iterable[int]) -> dict[str, list[int]]:
    """Removes frames of a pass, and of later passes those that are made from them.

    Args:
        job: whose run folder it is; nothing outside that folder is touched.
        name: the pass.
        frames: their numbers, counted from 0 in the clip; those that the pass does not make are left out.

    Returns:
        The removed frames, by pass.

    Raises:
        UsageError: a pass's frames lie outside the run folder.
    """
    stale: dict[str, set[int]] = {name: set(frames)}
    removed: dict[str, list[int]] = {}
    for later in job.pass_names:
        for each in passes_of(job, later):
            affected = stale.get(later, set()) & set(each.frames) | set(_made_from(each, stale))
            stale.setdefault(later, set()).update(affected)
            removed.setdefault(later, []).extend(frame for frame in sorted(affected) if each.remove(frame))
            for frame in affected:
                forget_failure(job.run_dir, later, frame)
    with contextlib.suppress(FileNotFoundError):
        (job.run_dir / RECEIPT).unlink()
    return {later: frames for later, frames in removed.items() if frames}


def _made_from(each: SegmentPass, stale: Mapping[str, set[int]]) -> Iterator[int]:
    """The frames of a pass that read a stale frame."""
    for shot in each.frames_by_shot:
        for position, frame in enumerate(shot):
            reads = each.reads(shot, range(position, position + 1))
            if any(not stale.get(name, set()).isdisjoint(frames) for name, frames in reads.items()):
                yield frame
