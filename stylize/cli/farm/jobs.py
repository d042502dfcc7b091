"""The jobs that the commands of `stylize farm` work on: those of a list, or that of a run folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stylize.errors import UsageError

if TYPE_CHECKING:
    from stylize.jobs.job import RenderJob

JobArgument = Annotated[
    str,
    typer.Argument(metavar="JOB", help="a list of jobs (jobs.toml), or a run folder", show_default=False),
]
RunArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="a run folder, or its URL", show_default=False)
]
Overwrite = Annotated[
    bool, typer.Option("-y", "--overwrite", help="replace films that exist", show_default=False)
]
WorkDir = Annotated[
    str | None,
    typer.Option("--work-dir", metavar="DIR", help="where run folders are kept; every worker must see it"),
]
Device = Annotated[
    str | None, typer.Option("--device", help="of the workers: cpu, cuda, mps; this machine need not have it")
]


def load_jobs(
    job: str, overwrite: bool, work_dir: str | None, device: str | None, *, remote: bool
) -> list[tuple[str, RenderJob]]:
    """The jobs with their names: that of a run folder, or those of a list, planned and saved in their run folders.

    Args:
        job: a list of jobs, or a run folder by its path or URL.
        overwrite: replace films that exist.
        work_dir, device: override the list's own; a run folder can have no others than it has.
        remote: other machines make the frames.

    Raises:
        StylizeError: one of them cannot be read, found or planned, or its film exists.
    """
    from stylize.jobs.batch import read_jobs
    from stylize.jobs.consent import may_replace, write_consent
    from stylize.jobs.manifest import load_job, save_job
    from stylize.jobs.receipt import film_is_there
    from stylize.storage.place import place

    if not Path(job).is_file():
        if job.endswith(".toml"):
            raise UsageError("There is no such list of jobs.", where=job)
        for flag, value in (("--device", device), ("--work-dir", work_dir)):
            if value is not None:
                raise UsageError(
                    f"{flag} is for a list of jobs: in a run folder this is decided.",
                    where=job,
                    hint=f"leave {flag} out, or plan it anew",
                )
        loaded = load_job(place(job))
        loaded.check_films(overwrite or may_replace(loaded))
        if overwrite:
            write_consent(loaded)
        return [(loaded.film.path.name, loaded)]
    jobs: list[tuple[str, RenderJob]] = []
    for entry in read_jobs(Path(job), {"device": device} if device is not None else {}, work_dir):
        planned = entry.plan(remote)
        planned.check_films(overwrite or film_is_there(planned) or may_replace(planned))
        save_job(planned)
        write_consent(planned)
        jobs.append((entry.name, planned))
    return jobs
