"""The last words of frames that could not be made: `<run>/failures/<pass>.<frame %06d>.json`.

They are for people to read and never decide anything: a frame is done when it lies in the store.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from stylize.errors import Interrupted, NotReady, StylizeError
from stylize.jobs.manifest.names import FAILURES
from stylize.storage.atomic import atomic_write
from stylize.storage.place import Place, listed

if TYPE_CHECKING:
    from stylize.jobs.job import Job, Part
    from stylize.passes.base import Pass


@dataclass(frozen=True)
class Failure:
    """Why a frame could not be made (`frame` counts from 0 in the clip), and where that was tried."""

    step: str
    frame: int
    what: str
    hint: str | None = None
    host: str = ""
    at: float = 0.0


def write_failure(run_dir: Place, step: str, frame: int, error: BaseException | str, host: str = "") -> None:
    """Keeps a frame's last words."""
    what = str(error) if isinstance(error, StylizeError | str) else f"{type(error).__name__}: {error}"
    hint = error.hint if isinstance(error, StylizeError) else None
    failure = Failure(step, frame, what, hint, host or here(), time.time())
    atomic_write(_path(run_dir, step, frame), json.dumps(asdict(failure), ensure_ascii=False).encode())


def read_failures(job: Job) -> list[Failure]:
    """The last words of the frames that are still missing, by pass and frame."""
    found = []
    names = sorted(name for name in listed(job.run_dir / FAILURES) if name.endswith(".json"))
    for name in names:
        with contextlib.suppress(
            ValueError, TypeError, FileNotFoundError
        ):  # a stranger's file, or taken away
            found.append(Failure(**json.loads((job.run_dir / FAILURES / name).read_text(encoding="utf-8"))))
    return [failure for failure in found if _is_missing(job, failure)]


def forget_failure(run_dir: Place, step: str, frame: int) -> None:
    with contextlib.suppress(FileNotFoundError):
        _path(run_dir, step, frame).unlink()


@contextmanager
def told_in_store(job: Job, part: Part, step: Pass, numbers: Iterable[int]) -> Iterator[None]:
    """Keeps the last words of the frame that was being made when something went wrong."""
    try:
        yield
    except (Interrupted, NotReady):
        raise
    except Exception as error:
        asked = set(numbers)
        missing = part.store(step.name).missing(n for n in part.frames_of(step.name) if n in asked)
        if missing:
            with contextlib.suppress(StylizeError):  # a full disk has no room for last words
                write_failure(job.run_dir, step.name, missing[0], error)
        raise


def here() -> str:
    return f"{socket.gethostname()}, process {os.getpid()}"


def _path(run_dir: Place, step: str, frame: int) -> Any:
    return run_dir / FAILURES / f"{step}.{frame:06d}.json"


def _is_missing(job: Job, failure: Failure) -> bool:
    return any(
        failure.frame in part.span
        and failure.step in part.fingerprints
        and not part.store(failure.step).has(failure.frame)
        for part in job.parts
    )
