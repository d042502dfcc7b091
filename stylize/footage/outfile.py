"""Files that appear under their name only when they are whole."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stylize.errors import OutputError

ANOTHER = "Check the folder's permissions and the free space, or choose another output."
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
MOST_NAME_BYTES = 255
"""Of a file's name, on every usual file system."""
MARK_CHARACTERS = 20
OWNER = re.compile(r"([0-9a-f]{6})([0-9a-f]{8})[0-9a-f]{6}")
"""What a temporary file's name says of its writer: its host, its process, and a number drawn by chance."""


def temporary_beside(out: Path) -> Path:
    """A hidden, unique name in the same folder, so that a rename cannot cross file systems. What a process that is
    no more left there of the same output goes."""
    begins, ends = f".{shortened_name(out.stem, out.suffix)}.", out.suffix
    sweep(out.parent, begins, ends)
    return out.with_name(f"{begins}{owner_mark()}{ends}")


def shortened_name(stem: str, ends: str) -> str:
    """As much of a name's stem as leaves room for the rest of a temporary file's name: `.STEM.MARK` and `ends`."""
    room = MOST_NAME_BYTES - MARK_CHARACTERS - 2 - len(os.fsencode(ends))
    if len(os.fsencode(stem)) <= room:
        return stem
    return os.fsencode(stem)[:room].decode(errors="ignore")


def sweep(folder: Path, begins: str, ends: str = "") -> None:
    """Removes temporary files and folders of processes of this machine that have died."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if not (path.name.startswith(begins) and path.name.endswith(ends)):
            continue
        mark = OWNER.fullmatch(path.name[len(begins) : len(path.name) - len(ends)])
        if mark and mark[1] == _host() and not _is_alive(int(mark[2], 16)):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                with suppress(OSError):
                    path.unlink()


@contextmanager
def temporary_folder(parent: Path, begins: str) -> Iterator[Path]:
    """A new folder in `parent` that nobody else may enter, for as long as the block lasts.

    One that a process of this machine left behind, because it was killed, goes first.

    Args:
        begins: how its name begins, as far as a name has room; a dot at its start hides it.

    Raises:
        OSError: it cannot be made.
    """
    begins = shortened_name(begins, "")
    sweep(parent, begins)
    folder = parent / f"{begins}{owner_mark()}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def owner_mark() -> str:
    """Names this machine and process, and is unlike every other: `sweep` knows by it what the dead have left."""
    return f"{_host()}{os.getpid():08x}{secrets.token_hex(3)}"


def _host() -> str:
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:6]


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # another user's
        return True
    return True


@contextmanager
def staged_file(out: Path) -> Iterator[Path]:
    """A path to write to; it becomes `out`, synced to the disk, when the block ends well, else it goes.

    Raises:
        OutputError: the folder cannot be written.
    """
    make_folder(out.parent)
    temporary = temporary_beside(out)
    try:
        with _no_room_is_said(out):
            yield temporary
        sync(temporary)
        _replace(temporary, out)
    finally:
        temporary.unlink(missing_ok=True)
    sync(out.parent)


@contextmanager
def staged_folder(folder: Path) -> Iterator[Path]:
    """A hidden folder to write files to; they move into `folder` together when the block ends well."""
    make_folder(folder)
    sweep(folder, ".frames.")
    temporary = folder / f".frames.{owner_mark()}"
    try:
        temporary.mkdir()
    except OSError as error:
        raise _refused(folder, error) from error
    try:
        with _no_room_is_said(folder):
            yield temporary
        for file in sorted(temporary.iterdir()):
            sync(file)
        for file in sorted(temporary.iterdir()):
            _replace(file, folder / file.name)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    sync(folder)


def make_folder(folder: Path) -> None:
    """Make the folder and its parents, and see that it can be written.

    Raises:
        OutputError: it cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".{secrets.token_hex(6)}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise _refused(folder, error) from error
    except RecursionError as error:
        raise OutputError("Its folders are nested too deep.", where=folder, hint=ANOTHER) from error


def sync(path: Path) -> None:
    """Wait until the file or the folder lies on the disk.

    Raises:
        OutputError: the disk refuses, as a full one may only now.
    """
    try:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise _refused(path, error) from error


def _replace(temporary: Path, out: Path) -> None:
    try:
        temporary.replace(out)
    except OSError as error:
        raise _refused(out, error) from error


@contextmanager
def _no_room_is_said(out: Path) -> Iterator[None]:
    """Turns a disk that is full in the middle of a file into an error of the output."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise _refused(out, error) from error
        raise


def _refused(path: Path, error: OSError) -> OutputError:
    if error.errno == errno.ENAMETOOLONG:
        return OutputError("Its name is too long for this disk.", where=path, hint="Choose a shorter one.")
    return OutputError(
        f"It cannot be written: {error.strerror or error}.",
        where=path,
        hint=ANOTHER,
    )
