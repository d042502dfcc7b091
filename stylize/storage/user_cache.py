"""Where this user's cache lies: what took long to make and can be made again."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

VARIABLE = "STYLIZE_CACHE_DIR"
"""The environment variable that names another folder."""


def user_cache_folder() -> Path:
    """The folder for this user's cache; besides a run's output and work folders the only place that is written."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else Path(platformdirs.user_cache_dir("stylize"))
