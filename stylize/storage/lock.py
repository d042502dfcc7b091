"""One run at a time in a run folder: a lock that names its owner, and ends with the process that holds it.

The system keeps the lock (`flock`), so a killed run leaves none behind, only the file. Workers of a farm share a
run folder and take no lock: each of their frames is committed whole. Object storage and systems without `flock`
have none.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from stylize.errors import UsageError
from stylize.storage.atomic import cannot_write
from stylize.storage.place import Place

LOCK = "lock"
"""The lock's name in a run folder."""


@contextlib.contextmanager
def run_lock(run_dir: Place) -> Iterator[None]:
    """Holds the lock of a run folder, which is made where it is missing. The file goes with the lock.

    Raises:
        UsageError: another run holds it; the sentence names its process.
        CannotWrite: the folder cannot be written.
    """
    if not isinstance(run_dir, Path) or find_spec("fcntl") is None:
        yield
        return
    path = run_dir / LOCK
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
        handle = _locked(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        with contextlib.suppress(OSError):  # on a full disk the lock holds, without a name
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"process {os.getpid()} on {socket.gethostname()}".encode(), 0)
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()
        os.close(handle)
        with contextlib.suppress(OSError):  # frames lie in it
            run_dir.rmdir()


def _locked(path: Path) -> int:
    """A locked handle of the file that bears the name, not of one that was removed meanwhile."""
    import fcntl

    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.pread(handle, 200, 0).decode("utf-8", "replace") or "another process"
            os.close(handle)
            raise UsageError(
                f"Another run works in this run folder: {owner}.",
                where=path.parent,
                hint="wait until it is done or end it, or choose another folder with --work-dir",
            ) from error
        if _is_named(path, handle):
            return handle
        os.close(handle)


def _is_named(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False
