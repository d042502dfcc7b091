"""Writes a file whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from stylize.errors import CannotWrite
from stylize.footage.outfile import owner_mark, shortened_name, sweep
from stylize.storage.place import Place, put


def atomic_write(path: Place, data: bytes) -> None:
    """Writes a file so that it appears under its name only when it is whole and on the disk.

    Raises:
        CannotWrite: the disk is full or the folder cannot be written.
    """
    if not isinstance(path, Path):
        put(path, data)
        return
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def write_first(path: Place, data: bytes) -> None:
    """Writes a file as `atomic_write` does, unless one bears its name by then: of several writers the first counts.

    Object storage, and disks that know no second names of a file, are asked just before.

    Raises:
        CannotWrite: as `atomic_write`.
    """
    if isinstance(path, Path):
        with atomic_path(path, _name_first) as temporary:
            temporary.write_bytes(data)
    elif not path.exists():
        put(path, data)


def _name_first(temporary: Path, path: Path) -> None:
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        pass
    except OSError:
        if not path.exists():
            temporary.replace(path)


@contextlib.contextmanager
def atomic_path(path: Path, name: Callable[[Path, Path], object] = Path.replace) -> Iterator[Path]:
    """A path in the same folder to write to: what lies there takes the name `path` once the block is done.

    For files that are too large to be held in memory as bytes; others are written with `atomic_write`.

    Args:
        name: gives what was written its name.

    Raises:
        CannotWrite: the disk is full or the folder cannot be written.
    """
    temporary = path.with_name(f".{shortened_name(path.name, '.tmp')}.{owner_mark()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        name(temporary, path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        with contextlib.suppress(
            OSError
        ):  # it is gone if all went well, and was never made in a read-only folder
            temporary.unlink()


def sweep_unfinished(folder: Place) -> None:
    """Removes what `atomic_path` has left in a folder of processes of this machine that were killed."""
    if isinstance(folder, Path):
        for path in folder.glob(".*.tmp"):
            begins, _, _ = path.name.removesuffix(".tmp").rpartition(".")
            sweep(folder, f"{begins}.", ".tmp")


def cannot_write(path: Path, error: OSError) -> CannotWrite:
    """What the system said, in the user's terms."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return CannotWrite(
            "The disk is full.", where=path.parent, hint="free some room and run the same command: it goes on"
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return CannotWrite("This folder cannot be written.", where=path.parent, hint="choose another with -o")
    if error.errno == errno.ENAMETOOLONG:
        return CannotWrite("This name is too long for the disk.", where=path, hint="choose a shorter one")
    return CannotWrite(f"Writing failed: {error.strerror}.", where=path, hint="choose another place")
