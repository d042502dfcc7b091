"""How large a stranger's camera file or set may be: far above what a shot needs."""

from __future__ import annotations

from pathlib import Path

from compositing.errors import UnreadableFile

FILE_BYTES = 1 << 30
"""Of one file."""
FRAMES = 1 << 20
"""Of a camera: twelve hours at 24 frames a second."""
TEXTURE_PIXELS = 1 << 28
"""Of one picture: 16384 x 16384."""
SET_BYTES = 8 << 30
"""Of a set's numbers and pictures together, as they are held: a few bytes of a file can stand for many."""


def read_file(path: Path) -> bytes:
    """The contents of a regular file.

    Raises:
        UnreadableFile: it is none, or too large.
    """
    if not path.is_file():
        raise UnreadableFile(f"{path.name} is not a file.")
    with path.open("rb") as opened:
        data = opened.read(FILE_BYTES + 1)
    if len(data) > FILE_BYTES:
        raise UnreadableFile(f"{path.name} is larger than {FILE_BYTES >> 30} GiB.")
    return data


def read_text(path: Path) -> str:
    """A regular file as UTF-8 text; what is none becomes the replacement character.

    Raises:
        UnreadableFile: as `read_file`.
    """
    return read_file(path).decode("utf-8", "replace")
