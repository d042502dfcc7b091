"""Errors that the program did not expect, in one sentence."""

from __future__ import annotations

from stylize.errors import StylizeError


def unforeseen(error: Exception) -> StylizeError:
    """An error that the program did not expect."""
    kind, first_line = type(error).__name__, (str(error).splitlines() or [""])[0]
    if isinstance(error, MemoryError) or kind == "OutOfMemoryError" or "can't allocate memory" in str(error):
        return StylizeError(
            "There is not enough memory.",
            hint="draw fewer or smaller frames at once: --batch 1, --size 512",
        )
    return StylizeError(
        f"stylize itself failed: {kind}: {first_line.rstrip('.')}.",
        hint="run the same command with --debug to see where, and report it",
    )
