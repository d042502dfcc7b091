"""The record file, `<run>/run.json`: everything that was decided, and the version that decided it.

Paths in it are absolute; those inside the program's own package are written `{stylize}/...`, as it is installed
elsewhere on another machine.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import stylize
from stylize.errors import UsageError
from stylize.jobs.manifest.names import RECORD
from stylize.jobs.manifest.versions import check_versions, packages_of, versions
from stylize.jobs.path_map import PathMap, PathRule
from stylize.storage.atomic import atomic_write, sweep_unfinished
from stylize.storage.fingerprint import fingerprint
from stylize.storage.place import Place
from stylize.system.documents import DocumentError, read_json

if TYPE_CHECKING:
    from stylize.jobs.job import RenderJob

PACKAGE = "{stylize}"


def save_job(job: RenderJob) -> str:
    """Writes a job down in its run folder, and removes there what killed runs left half-written; returns its
    fingerprint.

    Raises:
        OutputError: the folder cannot be written.
    """
    from stylize.jobs.manifest.job_record import record_of

    sweep_unfinished(job.run_dir)
    mark = job_fingerprint(job)
    record = {"made_by": versions(), "fingerprint": mark, "job": _package().back(record_of(job))}
    atomic_write(job.run_dir / RECORD, (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode())
    return mark


def load_job(
    run_dir: Place, paths: PathMap | None = None, expect: str | None = None, *, to_look: bool = False
) -> RenderJob:
    """Takes up the job of a run folder.

    Args:
        run_dir: the folder, as this machine sees it.
        paths: where this machine has what the machine that planned had elsewhere.
        expect: the fingerprint that the job must have, computed from what the record says. Without it nothing is
            fetched from the network, whatever the record names: it may be a stranger's.
        to_look: it is only looked at, and nothing made: another version may do that.

    Raises:
        UsageError: there is no job here, or another one than expected.
        VersionMismatch: another version of the program planned it.
    """
    from stylize.jobs.manifest.job_record import job_from

    record = read_record(run_dir)
    if not to_look:
        check_versions(record["made_by"], packages_of(record["job"], record["made_by"]))
    table = _package().on(record["job"])
    job = job_from(
        paths.on(table) if paths else table, run_dir, to_look=to_look, may_fetch=expect is not None
    )
    if expect is not None and job_fingerprint(job) != expect:
        raise UsageError(
            "This run folder holds another job by now.",
            where=run_dir,
            hint="a run with other settings has taken it since this one was planned: export or submit it again",
        )
    return job


def read_record(run_dir: Place) -> dict[str, Any]:
    """What stands in a run folder's record.

    Raises:
        UsageError: there is none, or it cannot be read.
    """
    try:
        record = read_json(run_dir / RECORD)
    except DocumentError as error:
        if error.missing:
            raise UsageError(
                "This is no run folder, or this machine cannot see it.",
                where=run_dir,
                hint="a run folder must lie where every machine reaches it under this path",
            ) from error
        raise UsageError(f"The run's record {error}.", where=run_dir / RECORD) from error
    parts = {"made_by": dict, "fingerprint": str, "job": dict}
    lacks = [
        name
        for name, kind in parts.items()
        if not isinstance(record, dict) or not isinstance(record.get(name), kind)
    ]
    if lacks:
        raise UsageError(f"The run's record lacks {', '.join(sorted(lacks))}.", where=run_dir / RECORD)
    found: dict[str, Any] = record
    return found


def job_fingerprint(job: RenderJob) -> str:
    """Stands for the films that a job makes: their frames, forms and names."""
    prints = [dict(segment.fingerprints) for segment in job.segments]
    films = [[film.path.name, film.format, film.audio, film.shows, film.straight] for film in job.films]
    return fingerprint(prints, [job.span.start, job.span.stop], films)


def _package() -> PathMap:
    """From the placeholder to where the program lies here."""
    return PathMap((PathRule(PACKAGE, str(Path(stylize.__file__).parent)),))
