"""The film of a run folder, known again by its receipt, `<run>/film.json`.

With it the frames can be taken away when the film is whole, and a finished job still be told from one that never
began.
"""

from __future__ import annotations

import json

from stylize.jobs.consent import FileState, film_files, state_of
from stylize.jobs.job import RenderJob
from stylize.jobs.manifest import job_fingerprint
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


def _files(job: RenderJob) -> list[FileState]:
    """The states of the film's files; none where one of them is missing."""
    states = [state_of(file) for file in film_files(job)]
    return [] if any(state[1] is None for state in states) else states
