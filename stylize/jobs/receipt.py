"""The film of a run folder, known again by its receipt, `<run>/film.json`.

With it the frames can be taken away when the film is whole, and a finished job still be told from one that never
began.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from stylize.errors import UsageError
from stylize.footage.target import frame_numbers
from stylize.jobs.job import RenderJob
from stylize.jobs.manifest import job_fingerprint, read_record
from stylize.jobs.manifest.names import RECEIPT
from stylize.storage.atomic import atomic_write
from stylize.system.documents import DocumentError, read_json


def write_receipt(job: RenderJob) -> None:
    """Keeps what the film's files were when they had just been written."""
    receipt = {"fingerprint": job_fingerprint(job), "files": _files(job)}
    atomic_write(job.run_dir / RECEIPT, json.dumps(receipt).encode())


def film_is_there(job: RenderJob) -> bool:
    """Whether the film of exactly this job lies where it belongs, untouched since it was written."""
    try:
        receipt = read_json(job.run_dir / RECEIPT)
    except DocumentError:
        return False
    return bool(receipt == {"fingerprint": job_fingerprint(job), "files": _files(job)})


def is_ours(job: RenderJob) -> bool:
    """Whether this very job was begun before, when its output's name was free: what lies there now is its own."""
    try:
        return bool(read_record(job.run_dir)["fingerprint"] == job_fingerprint(job))
    except UsageError:
        return False


def _files(job: RenderJob) -> list[list[Any]]:
    """The film's files with their sizes and times of writing; none where one of them is missing."""
    targets = [job.check_film(film, overwrite=True) for film in job.films]
    files: list[Path] = []
    for target in targets:
        if target.pattern is None:
            files.append(target.out)
        else:
            numbers = frame_numbers(job.clip, job.span.start, job.span.stop)
            files += [target.pattern.file(number) for number in numbers]
    if not all(file.is_file() for file in files):
        return []
    return [[file.name, file.stat().st_size, file.stat().st_mtime_ns] for file in files]
