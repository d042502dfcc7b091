"""Files that appear under their name only when they are whole."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stylize.errors import OutputError


def temporary_beside(out: Path) -> Path:
    """A hidden, unique name in the same folder, so that a rename cannot cross file systems."""
    return out.with_name(f".{out.stem}.{secrets.token_hex(4)}{out.suffix}")


@contextmanager
def staged_file(out: Path) -> Iterator[Path]:
    """A path to write to; it becomes `out`, synced to the disk, when the block ends well, else it goes.

    Raises:
        OutputError: the folder cannot be written.
    """
    make_folder(out.parent)
    temporary = temporary_beside(out)
    try:
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
    temporary = folder / f".frames.{secrets.token_hex(4)}"
    try:
        temporary.mkdir()
    except OSError as error:
        raise _refused(folder, error) from error
    try:
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


def _refused(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"It cannot be written: {error.strerror or error}.",
        where=path,
        hint="Check the folder's permissions and the free space, or choose another output.",
    )
