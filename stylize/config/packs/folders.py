"""The folders that style packs are in."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import platformdirs


def bundled_folder() -> Path:
    """The packs that come with the program."""
    return Path(str(resources.files("stylize") / "styles"))


def installed_folder() -> Path:
    """The packs that this user has installed."""
    return Path(platformdirs.user_data_dir("stylize")) / "styles"
