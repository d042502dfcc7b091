"""Jobs as lanes of the board: every pass of every part, and each film at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from stylize.farm.board import Lane
from stylize.jobs.job import Job, Part
from stylize.jobs.receipt import film_is_there
from stylize.passes.base import Pass, alignment_of
from stylize.passes.runner import frames_in, reads

ENCODE = "encode"
THE_FILM = 0
"""The one frame of the lane in which a film is made."""


@dataclass(frozen=True)
class Source:
    """What a lane stands for: a job, and the part of it (None: its film)."""

    job: Job
    part: int | None


def lay_lanes(jobs: Sequence[Job], chunk: int) -> tuple[list[Lane], list[Source]]:
    """The lanes of jobs, in the order in which work is given out, and what each stands for.

    Args:
        chunk: how many frames a task makes.
    """
    lanes: list[Lane] = []
    sources: list[Source] = []
    for number, job in enumerate(jobs):
        there = film_is_there(job)
        lasts: dict[int, Sequence[int]] = {}
        for place, part in enumerate(job.parts):
            names: dict[str, int] = {}
            for step in part.steps:
                names[step.name] = len(lanes)
                lanes.append(_lane(number, part, step, dict(names), chunk, there))
                sources.append(Source(job, place))
            lasts[len(lanes) - 1] = part.frames_of(part.steps[-1].name)
        lanes.append(_film(number, lasts, there))
        sources.append(Source(job, None))
    return lanes, sources


def _lane(job: int, part: Part, step: Pass, names: Mapping[str, int], chunk: int, there: bool) -> Lane:
    owed = part.frames_of(step.name)
    missing = set() if there else set(part.store(step.name).missing(owed))

    def read(shot: Sequence[int], wanted: range) -> dict[int, Iterable[int]]:
        return {names[name]: numbers for name, numbers in reads(part, step, shot, wanted).items()}

    return Lane(
        job,
        step.name,
        tuple(frames_in(owed, shot) for shot in part.shots),
        frozenset(number for number in owed if number not in missing),
        read,
        chunk,
        alignment_of(step),
    )


def _film(job: int, lasts: Mapping[int, Sequence[int]], there: bool) -> Lane:
    everything: Callable[[Sequence[int], range], Mapping[int, Iterable[int]]] = lambda shot, wanted: lasts  # noqa: E731
    return Lane(job, ENCODE, ((THE_FILM,),), frozenset([THE_FILM] if there else []), everything, 1)
