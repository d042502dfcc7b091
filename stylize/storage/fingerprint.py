"""Short names for what decides a result: of settings, and of files' contents."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from stylize import footage
from stylize.footage.clip import Clip


def fingerprint(*facts: Any) -> str:
    """Sixteen hex digits that stand for `facts`: anything JSON can say, in a fixed order."""
    text = json.dumps(facts, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def fingerprint_file(path: Path) -> str:
    """Sixteen hex digits for a file's contents, all of them: one frame exchanged in a film must be seen."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


@cache
def fingerprint_code(folder: Path) -> str:
    """Stands for the Python files of a folder and of those within it, for what is kept of their answers."""
    files = sorted(folder.rglob("*.py"))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]


def fingerprint_clip(clip: Clip) -> str:
    """Stands for the clip's contents as they are read, wherever it lies."""
    return fingerprint([fingerprint_file(file) for file in footage.source_files(clip)], *clip.treatment)
