"""Whether a job's film may replace a file, kept beside the job's record: `<run>/consent.json`.

A run folder is passed on, and its record names a film by any path. So the record alone replaces nothing. When a
user's own command plans a job, it writes down what lay under the film's name then: nothing, or a file that -y
agreed to replace, with its size and time of writing, which nobody else can know. That nothing lay there anyone
could claim, so it is signed with a key of this user and this machine, and counts only where the signature does, and
only in the very folder: a record may be changed to name another. A file that lay there is known by its name, size
and time alone, for its folder may have another path on another machine.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import secrets
from pathlib import Path
from typing import Any

from stylize.errors import CannotWrite
from stylize.footage.target import frame_numbers
from stylize.jobs.films import FilmOutput
from stylize.jobs.job import RenderJob
from stylize.jobs.manifest import job_fingerprint
from stylize.jobs.manifest.names import CONSENT, RECEIPT
from stylize.storage.atomic import atomic_write
from stylize.storage.user_cache import user_cache_folder
from stylize.system.documents import DocumentError, read_bytes, read_json

FileState = list[Any]
"""A file's name, size and time of writing, ns; None for both where it is not there."""


def write_consent(job: RenderJob) -> None:
    """Keeps what lies under the films' names, once it is known that the user agrees to replace it.

    Raises:
        CannotWrite: the run folder cannot be written.
    """
    files = film_files(job)
    states = [state_of(file) for file in files]
    free = [str(file.absolute()) for file, state in zip(files, states, strict=True) if state[1] is None]
    facts = [job_fingerprint(job), [state for state in states if state[1] is not None], free]
    table = {"facts": facts, "signature": _signature(facts)}
    atomic_write(job.run_dir / CONSENT, json.dumps(table).encode())


def may_replace(job: RenderJob) -> bool:
    """Whether whatever lies under the films' names may be replaced: this job's own film, or what -y agreed to."""
    agreed, free = _read_consent(job)
    own = own_states(job)
    return all(
        state in agreed or state in own or str(file.absolute()) in free for file, state in _there(job).items()
    )


def wrote_films(job: RenderJob) -> bool:
    """Whether films lie under the job's names, all of them its own and untouched since it wrote them."""
    there, own = _there(job).values(), own_states(job)
    return bool(there) and all(state in own for state in there)


def own_states(job: RenderJob) -> list[Any]:
    """The files that this very job has written, as they were then."""
    receipt = _table(job.run_dir / RECEIPT)
    if receipt.get("fingerprint") != job_fingerprint(job):
        return []
    lists = [each for name in ("files", "written") if isinstance(each := receipt.get(name), list)]
    return [state for each in lists for state in each if isinstance(state, list) and len(state) == 3]


def film_files(job: RenderJob, *films: FilmOutput) -> list[Path]:
    """The files of these films of a job, by default of all; for a sequence every frame's."""
    files: list[Path] = []
    for film in films or job.films:
        target = job.check_film(film, overwrite=True)
        if target.pattern is None:
            files.append(target.out)
        else:
            numbers = frame_numbers(job.clip, job.span.start, job.span.stop)
            files += [target.pattern.file(number) for number in numbers]
    return files


def _there(job: RenderJob) -> dict[Path, FileState]:
    """What lies under the films' names."""
    states = {file: state_of(file) for file in film_files(job)}
    return {file: state for file, state in states.items() if state[1] is not None}


def state_of(file: Path) -> FileState:
    """What a file is at this moment."""
    try:
        facts = file.stat()
    except OSError:
        return [file.name, None, None]
    return [file.name, facts.st_size, facts.st_mtime_ns]


def _read_consent(job: RenderJob) -> tuple[list[Any], set[str]]:
    """The states that the user agreed to replace, and the paths that were free when this user planned this job."""
    table = _table(job.run_dir / CONSENT)
    facts = table.get("facts")
    if not (
        isinstance(facts, list) and len(facts) == 3 and all(isinstance(each, list) for each in facts[1:])
    ):
        return [], set()
    if facts[0] != job_fingerprint(job):  # agreed to for another job
        return [], set()
    signed = hmac.compare_digest(str(table.get("signature")).encode(), _signature(facts).encode())
    return facts[1], set(map(str, facts[2])) if signed else set()


def _table(file: Any) -> dict[str, Any]:
    try:
        table = read_json(file)
    except DocumentError:
        return {}
    return table if isinstance(table, dict) else {}


def _signature(facts: Any) -> str:
    return hmac.new(_key(), json.dumps(facts).encode(), hashlib.sha256).hexdigest()


def _key() -> bytes:
    """This user's key on this machine, made when it is first needed; where it cannot be kept, one for this process
    alone, whose signatures nobody takes for true."""
    file = user_cache_folder() / "consent.key"
    with contextlib.suppress(DocumentError):
        key = read_bytes(file)
        if len(key) == 32:
            return key
    key = secrets.token_bytes(32)
    with contextlib.suppress(CannotWrite, OSError):
        atomic_write(file, key)
        file.chmod(0o600)
    return key
