"""The film of a run folder, known again by its receipt, `<run>/film.json`.

With it the frames can be taken away when the film is whole, and a finished job still be told from one that never
began. While a job is under way it names the files that the job has `written` so far: those it may write once more
when it is taken up.
"""

from __future__ import annotations

import contextlib
import json
import threading

from stylize.errors import CannotWrite
from stylize.jobs.consent import FileState, film_files, own_states, state_of
from stylize.jobs.films import FilmOutput
from stylize.jobs.job import RenderJob
from stylize.jobs.manifest import job_fingerprint
from stylize.jobs.manifest.names import RECEIPT
from stylize.storage.atomic import atomic_write
from stylize.system.documents import DocumentError, read_json

_noting = threading.Lock()
"""The films of a job are written side by side."""


def write_receipt(job: RenderJob) -> None:
    """Keeps what the film's files were when they had just been written."""
    receipt = {"fingerprint": job_fingerprint(job), "files": _files(job)}
    atomic_write(job.run_dir / RECEIPT, json.dumps(receipt).encode())


def note_written(job: RenderJob, film: FilmOutput) -> None:
    """Keeps what the files of one film were when they had just been written. A disk that is full by then costs the
    note, and no more."""
    with _noting:
        new = [state_of(file) for file in film_files(job, film)]
        names = {state[0] for state in new}
        written = [*(state for state in own_states(job) if state[0] not in names), *new]
        receipt = {"fingerprint": job_fingerprint(job), "files": [], "written": written}
        with contextlib.suppress(CannotWrite):
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
