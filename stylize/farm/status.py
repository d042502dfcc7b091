"""How far a run has come, from its run folder alone, whatever scheduler works on it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stylize.farm.failures import Failure, read_failures
from stylize.jobs.job import missing, owed, pass_names, steps_of
from stylize.jobs.receipt import film_is_there
from stylize.storage.place import written_at

if TYPE_CHECKING:
    from stylize.jobs.job import Job

WINDOW = 32
"""Over how many of the last frames a speed is measured."""
ASLEEP = 10
"""A pass is at rest when its last frame is older than so many of its usual intervals, and than a minute."""


@dataclass(frozen=True)
class PassStatus:
    """One pass: frames owed and done, frames a second lately, seconds since the last one, seconds left."""

    name: str
    frames: int
    done: int
    rate: float | None
    quiet_s: float | None
    left_s: float | None


@dataclass(frozen=True)
class RunStatus:
    """A run: its passes, whether its film is there, and the last words of frames that are missing."""

    film: str
    is_done: bool
    passes: tuple[PassStatus, ...]
    failures: tuple[Failure, ...]


def read_status(job: Job, now: float | None = None) -> RunStatus:
    """Reads the store. `now` is in seconds since 1970."""
    moment = time.time() if now is None else now
    there = film_is_there(job)
    passes = tuple(_pass(job, name, moment, there) for name in pass_names(job))
    return RunStatus(str(job.out), there, passes, () if there else tuple(read_failures(job)))


def _pass(job: Job, name: str, now: float, film_is_there: bool) -> PassStatus:
    total, lacking = owed(job, name), set(missing(job, name))
    if film_is_there:  # its frames may have been taken away since
        return PassStatus(name, total, total, None, None, None)
    stamps = sorted(
        written_at(part.store(name).path(number))
        for part, _ in steps_of(job, name)
        for number in part.frames_of(name)
        if number not in lacking
    )[-WINDOW:]
    rate, quiet = speed_of(stamps, now)
    left = len(lacking) / rate if rate and lacking else None
    return PassStatus(name, total, total - len(lacking), rate if lacking else None, quiet, left)


def speed_of(stamps: list[float], now: float) -> tuple[float | None, float | None]:
    """Frames a second by the times of the last ones, None where work is at rest; and seconds since the last."""
    if not stamps:
        return None, None
    quiet = max(0.0, now - stamps[-1])
    if len(stamps) < 2 or stamps[-1] <= stamps[0]:
        return None, quiet
    interval = (stamps[-1] - stamps[0]) / (len(stamps) - 1)
    return (None if quiet > max(60.0, ASLEEP * interval) else 1 / interval), quiet
