"""When commands leave a file as it is."""

from __future__ import annotations

from pathlib import Path

from stylize.errors import UsageError

AS_THE_FILM = "add -y to replace it, or choose another with -o"
"""The hint for an output that has a name of its own by default."""


def refuse_existing(path: Path, hint: str = "add -y to replace it, or choose another name") -> None:
    """Raises UsageError: the file exists, and -y was not given."""
    if path.exists():
        raise UsageError("This file exists.", where=path, hint=hint)
