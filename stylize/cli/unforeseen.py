"""Errors that the program did not expect, in one sentence."""

from __future__ import annotations

import errno
from pathlib import Path

from stylize.errors import CannotWrite, StylizeError, UsageError
from stylize.storage.atomic import cannot_write

THE_DISK_S = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR)
"""What no program can help: there is no room, nothing may be written, not under such a name, or a file lies where a
folder is wanted."""
IN_WORDS = {
    "no space left on device": errno.ENOSPC,
    "read-only file system": errno.EROFS,
    "pytorchstreamwriter failed writing": errno.ENOSPC,
}
"""How libraries say the same that write by themselves."""


def unforeseen(error: Exception) -> StylizeError:
    """An error that the program did not expect."""
    kind, first_line = type(error).__name__, (str(error).splitlines() or [""])[0]
    if isinstance(error, MemoryError) or kind == "OutOfMemoryError" or "can't allocate memory" in str(error):
        return StylizeError(
            "There is not enough memory.",
            hint="draw fewer or smaller frames at once: --batch 1, --size 512",
        )
    if isinstance(error, FileNotFoundError) and not _has_current_folder():
        return UsageError(
            "The current folder is there no more.", hint="cd to another, and run it again there"
        )
    return _of_the_disk(error) or StylizeError(
        f"stylize itself failed: {kind}: {first_line.rstrip('.')}.",
        hint="run the same command with --debug to see where, and report it",
    )


def _has_current_folder() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def _of_the_disk(error: Exception) -> CannotWrite | None:
    """A full or read-only disk, met where nobody looked for one; None for other errors."""
    number = error.errno if isinstance(error, OSError) else None
    if number not in THE_DISK_S:
        said = str(error).lower()
        number = next((each for words, each in IN_WORDS.items() if words in said), None)
    if number is None:
        return None
    name = getattr(error, "filename", None)
    told = cannot_write(Path(name) if isinstance(name, str) else Path(), OSError(number, ""))
    return told if isinstance(name, str) else CannotWrite(told.what, hint=told.hint)
