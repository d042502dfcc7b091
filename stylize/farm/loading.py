"""How the workers of a cluster take up a run folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stylize.jobs.job import Job


def load_run(run: str) -> Job:
    """The job of a run folder, given by its path or URL."""
    from stylize.jobs.manifest import load_job
    from stylize.storage.place import place

    return load_job(place(run))
