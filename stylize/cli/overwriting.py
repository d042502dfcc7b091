"""When commands leave a file as it is."""

from __future__ import annotations

from pathlib import Path

from stylize.errors import UsageError

AS_THE_FILM = "add -y to replace it, or choose another with -o"
"""The hint for an output that has a name of its own by default."""
TO_REPLACE = "add -y to replace it, or choose another name"


def refuse_existing(path: Path, hint: str = TO_REPLACE) -> None:
    """Raises UsageError: the file exists, and -y was not given."""
    if path.exists():
        raise UsageError("This file exists.", where=path, hint=hint)


def refuse_existing_film(film: Path, work_dir: str | None, hint: str = AS_THE_FILM) -> None:
    """Refuses as `refuse_existing` does, before a clip is searched for its shots. Where a stopped run has written
    films, one of them may be this: that is known once the job is planned.

    Raises:
        UsageError: the film exists, and no run left it.
    """
    from stylize.jobs.manifest.names import RECEIPT
    from stylize.jobs.naming import run_folder
    from stylize.storage.place import place

    if film.is_file() and not ((place(work_dir) if work_dir else run_folder(film)) / RECEIPT).is_file():
        refuse_existing(film, hint)
