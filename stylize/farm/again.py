"""Takes frames back, with everything that was made from them, so that they are made again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from stylize.farm.failures import forget_failure
from stylize.jobs.job import pass_names, steps_of
from stylize.jobs.manifest.names import RECEIPT
from stylize.passes.runner import frames_in, reads

if TYPE_CHECKING:
    from stylize.jobs.job import Job, Part
    from stylize.passes.base import Pass


def take_back(job: Job, name: str, numbers: Iterable[int]) -> dict[str, list[int]]:
    """Removes frames of a pass, and of later passes those that are made from them.

    Returns:
        what was removed, by pass.
    """
    taken: dict[str, set[int]] = {name: set(numbers)}
    removed: dict[str, list[int]] = {}
    for each in pass_names(job):
        for part, step in steps_of(job, each):
            mine = taken.get(each, set()) & set(part.frames_of(each))
            mine |= set(_made_from(part, step, taken))
            taken.setdefault(each, set()).update(mine)
            store = part.store(each)
            removed.setdefault(each, []).extend(number for number in sorted(mine) if store.forget(number))
            for number in mine:
                forget_failure(job.run_dir, each, number)
    with contextlib.suppress(FileNotFoundError):
        (job.run_dir / RECEIPT).unlink()
    return {each: numbers for each, numbers in removed.items() if numbers}


def _made_from(part: Part, step: Pass, taken: dict[str, set[int]]) -> Iterable[int]:
    """The frames of a pass that read a frame which is taken."""
    owed = part.frames_of(step.name)
    for shot in part.shots:
        frames = frames_in(owed, shot)
        for position, number in enumerate(frames):
            needs = reads(part, step, frames, range(position, position + 1))
            if any(taken.get(name, set()) & set(these) for name, these in needs.items()):
                yield number
