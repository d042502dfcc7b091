"""Digests of large files, remembered for as long as a file stays as it is."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from stylize import footage
from stylize.errors import CannotWrite
from stylize.footage.clip import Clip
from stylize.storage.atomic import atomic_write
from stylize.storage.fingerprint import fingerprint, fingerprint_clip, fingerprint_file
from stylize.storage.user_cache import user_cache_folder
from stylize.system.documents import DocumentError, read_json

SETTLED_S = 2.0
"""A file that was written less long ago may be written again within one tick of the file system's clock, and
have the same size and times: its digest is not remembered. FAT's clock ticks every two seconds, others far more
often."""


def digest_of(path: Path) -> str:
    """The SHA-256 of a file's contents, 64 hex digits.

    It is kept in the user's cache beside the file's absolute path, size and times of change, and computed anew once
    one of these differs. A cache that cannot be read or written costs the time of computing, and nothing else.

    Raises:
        OSError: the file cannot be read.
    """
    path = path.absolute()

    def compute() -> str:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    return _remembered(str(path), lambda: _state_of(path), compute)


def remembered_clip(clip: Clip) -> str:
    """As `fingerprint_clip`, remembered as `digest_of` does: a sequence's thousands of files together.

    Raises:
        OSError: a file cannot be read.
    """
    name = " ".join(("clip", str(clip.path.absolute()), *clip.treatment))
    return _remembered(name, _state_of_all(footage.source_files(clip)), lambda: fingerprint_clip(clip))


def remembered_files(files: Sequence[Path]) -> str:
    """Stands for the contents of files in their order, remembered as those of a clip are.

    Raises:
        OSError: a file cannot be read.
    """
    name = f"files {fingerprint([str(file.absolute()) for file in files])}"
    return _remembered(
        name, _state_of_all(files), lambda: fingerprint([fingerprint_file(file) for file in files])
    )


def _state_of_all(files: Sequence[Path]) -> Callable[[], list[Any]]:
    def state() -> list[Any]:
        states = [_state_of(file) for file in files]
        return [fingerprint(states), max((moment for _, *moments in states for moment in moments), default=0)]

    return state


def _remembered(name: str, state_of: Callable[[], list[Any]], compute: Callable[[], str]) -> str:
    """What `compute` gives, computed once for a name and a state; the last times of change stand at its end."""
    note = (
        user_cache_folder() / "digests" / f"{fingerprint(name)}.json"
    )  # one for each name: no file is shared
    state = state_of()
    known = _read(note)
    if known.get("path") == name and known.get("state") == state and "sha256" in known:
        return str(known["sha256"])
    digest = compute()
    if state_of() == state and time.time_ns() - max(state[1:]) > SETTLED_S * 1e9:
        with contextlib.suppress(CannotWrite):
            atomic_write(note, json.dumps({"path": name, "state": state, "sha256": digest}).encode())
    return digest


def _state_of(path: Path) -> list[int]:
    """Size, and when contents and attributes were changed, ns: setting the former time back changes the latter."""
    facts = path.stat()
    return [facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns]


def _read(note: Path) -> dict[str, Any]:
    try:
        known = read_json(note)
    except DocumentError:
        return {}
    return known if isinstance(known, dict) else {}
