"""The queues of a run: every pass of every segment of every job, and each job's film at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from stylize.farm.chunks import PassQueue
from stylize.farm.job_access import ENCODE, SegmentPass, film_is_there, final_passes, passes_of
from stylize.jobs.job import RenderJob

FILM = 0
"""The one frame of the queue that makes a film."""


@dataclass(frozen=True)
class RunQueues:
    """The queues of a run in the order in which work is given out.

    Attributes:
        queues: for the scheduler.
        passes: by the queue's number, the pass whose frames it holds; None for a film.
    """

    queues: tuple[PassQueue, ...]
    passes: tuple[SegmentPass | None, ...]


def queues_of(jobs: Sequence[RenderJob], chunk_size: int) -> RunQueues:
    """The queues of jobs; `chunk_size` is how many frames one task makes."""
    queues: list[PassQueue] = []
    passes: list[SegmentPass | None] = []
    for number, job in enumerate(jobs):
        film_exists = film_is_there(job)
        queue_of: dict[tuple[int, str], int] = {}
        for each in passes_of(job):
            queue_of[each.index, each.name] = len(queues)
            queues.append(_pass_queue(number, each, queue_of, chunk_size, film_exists))
            passes.append(each)
        finals = {queue_of[each.index, each.name]: each.frames for each in final_passes(job)}
        queues.append(_film_queue(number, finals, film_exists))
        passes.append(None)
    return RunQueues(tuple(queues), tuple(passes))


def _pass_queue(
    job: int, each: SegmentPass, queue_of: Mapping[tuple[int, str], int], chunk_size: int, film_exists: bool
) -> PassQueue:
    missing = set() if film_exists else set(each.missing())  # a finished job's frames may have been removed

    def reads(shot: Sequence[int], wanted: range) -> dict[int, Iterable[int]]:
        return {queue_of[each.index, name]: frames for name, frames in each.reads(shot, wanted).items()}

    return PassQueue(
        job=job,
        name=each.name,
        shots=each.frames_by_shot,
        done=frozenset(each.frames) - missing,
        reads=reads,
        chunk_size=chunk_size,
        batch_alignment=each.batch_alignment,
    )


def _film_queue(job: int, finals: Mapping[int, Sequence[int]], film_exists: bool) -> PassQueue:
    def reads(shot: Sequence[int], wanted: range) -> Mapping[int, Iterable[int]]:
        return finals

    done = frozenset([FILM]) if film_exists else frozenset()
    return PassQueue(job=job, name=ENCODE, shots=((FILM,),), done=done, reads=reads, chunk_size=1)
