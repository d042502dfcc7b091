"""SHA-256 of large files, remembered for as long as a file stays as it is."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from pathlib import Path
from typing import Any

from stylize.errors import CannotWrite
from stylize.storage.atomic import atomic_write
from stylize.storage.fingerprint import fingerprint
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
    note = (
        user_cache_folder() / "digests" / f"{fingerprint(str(path))}.json"
    )  # one for each path: no file is shared
    state = _state_of(path)
    known = _read(note)
    if known.get("path") == str(path) and known.get("state") == state and "sha256" in known:
        return str(known["sha256"])
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if _state_of(path) == state and time.time_ns() - max(state[1:]) > SETTLED_S * 1e9:
        with contextlib.suppress(CannotWrite):
            atomic_write(note, json.dumps({"path": str(path), "state": state, "sha256": sha256}).encode())
    return sha256


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
