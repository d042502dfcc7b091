"""Where this user's cache lies: what took long to make and can be made again."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import platformdirs

VARIABLE = "STYLIZE_CACHE_DIR"
"""The environment variable that names another folder."""


def user_cache_folder() -> Path:
    """The folder for this user's cache; besides a run's output and work folders the only place that is written."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else Path(platformdirs.user_cache_dir("stylize"))


def make_room(newest: Path, most_bytes: int) -> None:
    """Removes, of the files with a new one's suffix beside it, those that were not used for longest, until all are
    within the bound."""
    with suppress(OSError):  # another process does the same
        files = newest.parent.glob(f"*{newest.suffix}")
        total = 0
        for file in sorted(files, key=lambda file: file.stat().st_mtime, reverse=True):
            total += file.stat().st_size
            if total > most_bytes and file != newest:
                file.unlink()
