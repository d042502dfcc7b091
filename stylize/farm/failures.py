"""Why frames could not be made: `<run>/failures/<pass>.<frame %06d>.json`, the last error of each.

They are for people to read and decide nothing: a frame is done when it lies in the store. Anyone may have written
them, so what stands in one is checked, and never becomes a path.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from stylize.errors import Interrupted, NotReady, StylizeError
from stylize.farm.job_access import SegmentPass, check_inside, passes_of
from stylize.jobs.job import RenderJob
from stylize.jobs.manifest.names import FAILURES
from stylize.storage.atomic import atomic_write
from stylize.storage.place import Place, listed
from stylize.system.documents import DocumentError, read_bytes

LARGEST = 1 << 20
"""Bytes of a failure's file: a larger one is none."""


@dataclass(frozen=True, config=ConfigDict(strict=True, extra="forbid"))
class Failure:
    """Why a frame could not be made.

    Attributes:
        step: the pass.
        frame: counted from 0 in the clip.
        what, hint: the error, and what can be done.
        host: the machine and the process.
        at: when, in seconds since 1970.
    """

    step: str
    frame: int
    what: str
    hint: str | None = None
    host: str = ""
    at: float = 0.0


_FAILURE = TypeAdapter(Failure)


def write_failure(run_dir: Place, step: str, frame: int, error: BaseException | str, host: str = "") -> None:
    """Keeps a frame's last error.

    Args:
        run_dir: the run folder.
        step: a pass of its job, as the job itself names it.
        frame: counted from 0 in the clip.
        error: what went wrong.
        host: where; by default here.

    Raises:
        UsageError: the folder `failures` leads out of the run folder. OutputError: it cannot be written.
    """
    what = str(error) if isinstance(error, StylizeError | str) else f"{type(error).__name__}: {error}"
    hint = error.hint if isinstance(error, StylizeError) else None
    failure = Failure(step, frame, what, hint, host or this_process(), time.time())
    atomic_write(_path(run_dir, step, frame), json.dumps(asdict(failure), ensure_ascii=False).encode())


def read_failures(job: RenderJob) -> list[Failure]:
    """The last errors of the frames that are still missing, by pass and frame. Files that hold no failure of this
    job are left out.

    Raises:
        UsageError: the folder `failures` leads out of the run folder.
    """
    folder = job.run_dir / FAILURES
    check_inside(folder, job.run_dir)
    passes = passes_of(job)
    found: list[Failure] = []
    for name in sorted(name for name in listed(folder) if name.endswith(".json")):
        # foreign, or removed by another process since
        with contextlib.suppress(ValidationError, DocumentError):
            found.append(_FAILURE.validate_json(read_bytes(folder / name, LARGEST)))
    return [failure for failure in found if any(_concerns(failure, each) for each in passes)]


def forget_failure(run_dir: Place, step: str, frame: int) -> None:
    """Removes a frame's last error, if there is one. `step` is a pass as the job itself names it."""
    with contextlib.suppress(FileNotFoundError):
        _path(run_dir, step, frame).unlink()


@contextmanager
def recorded_failure(each: SegmentPass, asked: Iterable[int]) -> Iterator[None]:
    """While the block makes frames of a pass, keeps the error of the frame that it was making: the first missing
    one of those asked for. The error goes on."""
    try:
        yield
    except (Interrupted, NotReady):
        raise
    except Exception as error:
        wanted = set(asked)
        missing = each.missing(frame for frame in each.frames if frame in wanted)
        if missing:
            with contextlib.suppress(
                StylizeError
            ):  # on a full disk this fails too, and the first error matters
                write_failure(each.job.run_dir, each.name, missing[0], error)
        raise


def this_process() -> str:
    return f"{socket.gethostname()}, process {os.getpid()}"


def _path(run_dir: Place, step: str, frame: int) -> Place:
    folder = run_dir / FAILURES
    check_inside(folder, run_dir)
    return folder / f"{step}.{frame:06d}.json"


def _concerns(failure: Failure, each: SegmentPass) -> bool:
    """Whether a failure is one of this pass, of a frame that is still missing."""
    return failure.step == each.name and failure.frame in each.frames and bool(each.missing([failure.frame]))
