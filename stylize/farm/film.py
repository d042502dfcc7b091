"""The film of a run folder: made once, and known again by its receipt, `<run>/film.json`.

The receipt lets a farm take the frames away when the film is whole, and still tell a finished job from one that was
never begun.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stylize import footage
from stylize.footage.target import frame_numbers
from stylize.progress import Listener
from stylize.records import job_fingerprint
from stylize.records.names import RECEIPT
from stylize.store import commit

if TYPE_CHECKING:
    from stylize.job import Job


def finish_film(job: Job, listener: Listener, stop: Callable[[], bool]) -> None:
    """Makes the film, if this very film is not there already. A film that is half there is made again.

    Raises:
        NotReady: frames are missing.
        StylizeError: the film cannot be written.
    """
    from stylize.pipeline import encode, report

    if film_is_there(job):
        return
    encode(job, listener, overwrite=True, stop=stop)
    report(job, listener)
    receipt = {"fingerprint": job_fingerprint(job), "files": _files(job)}
    commit(job.run_dir / RECEIPT, json.dumps(receipt).encode())


def film_is_there(job: Job) -> bool:
    """Whether the film of exactly this job lies where it belongs, untouched since it was written."""
    try:
        receipt = json.loads((job.run_dir / RECEIPT).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    return bool(receipt == {"fingerprint": job_fingerprint(job), "files": _files(job)})


def _files(job: Job) -> list[list[Any]]:
    """The film's files with their sizes and times of writing; none where one of them is missing."""
    target = footage.check_film(
        job.out,
        job.clip,
        format=job.format,
        start=job.span.start,
        end=job.span.stop,
        audio=job.audio,
        overwrite=True,
    )
    files: list[Path] = [target.out]
    if target.pattern is not None:
        files = [target.pattern.file(n) for n in frame_numbers(job.clip, job.span.start, job.span.stop)]
    if not all(file.is_file() for file in files):
        return []
    return [[file.name, file.stat().st_size, file.stat().st_mtime_ns] for file in files]
