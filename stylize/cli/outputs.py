"""When commands leave a file alone."""

from __future__ import annotations

from pathlib import Path

from stylize.errors import UsageError


def refuse_existing(path: Path, hint: str = "add -y to replace it, or choose another name") -> None:
    """Raises UsageError: something is there already, and nobody said -y."""
    if path.exists():
        raise UsageError("This file exists.", where=path, hint=hint)


AS_THE_FILM = "add -y to replace it, or choose another with -o"
"""The hint where the output is the film and has a default name."""
