"""How far a run has come, from its run folder alone, whatever scheduler works on it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from stylize.farm.failures import Failure, read_failures
from stylize.farm.job_access import film_is_there, passes_of
from stylize.jobs.job import RenderJob
from stylize.storage.place import written_at

RECENT_FRAMES = 32
"""Over how many of the last frames a speed is measured."""
IDLE_INTERVALS, IDLE_S = 10, 60.0
"""A pass is idle when its last frame is older than so many of its usual intervals, and than so many seconds."""


@dataclass(frozen=True)
class PassStatus:
    """How far a pass has come.

    Attributes:
        frames, done: the frames that it makes, and those that are made.
        rate: frames a second lately; None where it is idle or complete.
        quiet_s: seconds since the last frame; None before the first.
        left_s: seconds until it is complete, at this rate.
    """

    name: str
    frames: int
    done: int
    rate: float | None
    quiet_s: float | None
    left_s: float | None


@dataclass(frozen=True)
class RunStatus:
    """A run: its passes, whether its film is made, and the last errors of frames that are missing."""

    film: str
    is_done: bool
    passes: tuple[PassStatus, ...]
    failures: tuple[Failure, ...]


def read_status(job: RenderJob, now: float | None = None) -> RunStatus:
    """Reads the store. `now` is in seconds since 1970, by default this moment."""
    now = time.time() if now is None else now
    if film_is_there(job):
        passes = tuple(_complete(job, name) for name in job.pass_names)
        return RunStatus(str(job.film.path), True, passes, ())
    passes = tuple(_under_way(job, name, now) for name in job.pass_names)
    return RunStatus(str(job.film.path), False, passes, tuple(read_failures(job)))


def _complete(job: RenderJob, name: str) -> PassStatus:
    """A pass of a job whose film is made: its frames may have been removed since."""
    total = sum(len(each.frames) for each in passes_of(job, name))
    return PassStatus(name, total, total, None, None, None)


def _under_way(job: RenderJob, name: str, now: float) -> PassStatus:
    total, written = 0, []
    for each in passes_of(job, name):
        store, missing = each.stores[-1], set(each.missing())
        total += len(each.frames)
        written += [written_at(store.path(frame)) for frame in each.frames if frame not in missing]
    rate, quiet_s = speed_of(sorted(written)[-RECENT_FRAMES:], now)
    left = total - len(written)
    if not left:
        rate = None
    return PassStatus(name, total, len(written), rate, quiet_s, left / rate if rate else None)


def speed_of(times: list[float], now: float) -> tuple[float | None, float | None]:
    """The speed of a pass, by the times at which its last frames were written, ascending, in seconds.

    Returns:
        frames a second, None where it is idle or the times do not tell; and seconds since the last frame.
    """
    if not times:
        return None, None
    quiet_s = max(0.0, now - times[-1])
    if len(times) < 2 or times[-1] <= times[0]:
        return None, quiet_s
    interval = (times[-1] - times[0]) / (len(times) - 1)
    is_idle = quiet_s > max(IDLE_S, IDLE_INTERVALS * interval)
    return (None if is_idle else 1 / interval), quiet_s
