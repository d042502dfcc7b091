"""What commands call their outputs, and when they leave a file alone."""

from __future__ import annotations

import re
from pathlib import Path

from stylize.errors import UsageError

ENDINGS = {
    "mp4": ".mp4",
    "prores": ".mov",
    "png": ".%06d.png",
    "png16": ".%06d.png",
    "exr": ".%06d.exr",
}
"""How the output's name ends by default in each format."""


def bare_name(clip: Path) -> str:
    """A clip's name without its suffix and number field; of a sequence named by its numbers alone, its folder's."""
    return re.sub(r"[._-]?(%0?\d*d|#+)$", "", clip.stem) or clip.absolute().parent.name


def refuse_existing(path: Path, hint: str = "add -y to replace it, or choose another name") -> None:
    """Raises UsageError: something is there already, and nobody said -y."""
    if path.exists():
        raise UsageError("This file exists.", where=path, hint=hint)


AS_THE_FILM = "add -y to replace it, or choose another with -o"
"""The hint where the output is the film and has a default name."""
