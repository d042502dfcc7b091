"""Seconds a frame on the backends of this machine, kept in a file between runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from stylize.edge.library import ExportKey, library_folder
from stylize.storage.atomic import atomic_write
from stylize.storage.fingerprint import fingerprint
from stylize.system.dependencies import version_of
from stylize.system.machine import read_processor

PACKAGES = ("torch", "onnxruntime", "openvino")
"""Timings of other versions of these are not read."""

Timings = Mapping[tuple[str, str | None], float]
"""Seconds a frame by a backend's name and its export's folder, None for torch."""


def read_timings(key: ExportKey) -> Timings:
    """The timings last kept for these exports on this processor; none if the file is missing or cannot be read."""
    try:
        rows = json.loads(_file(key).read_text(encoding="utf-8"))
        return {(row["name"], row["folder"]): float(row["seconds"]) for row in rows}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def write_timings(key: ExportKey, timings: Timings) -> None:
    """Keeps timings in place of those that were kept before.

    Raises:
        CannotWrite: the disk is full or the cache cannot be written.
    """
    rows = [
        {"name": name, "folder": folder, "seconds": seconds} for (name, folder), seconds in timings.items()
    ]
    atomic_write(_file(key), json.dumps(rows, indent=1).encode())


def _file(key: ExportKey) -> Path:
    """One for each processor and versions of the runtimes: elsewhere other backends are faster."""
    processor = read_processor()
    versions = {name: version_of(name) for name in PACKAGES}
    machine = fingerprint(processor.name, processor.cores, processor.features, versions)
    return library_folder() / "timings" / f"{key.digest}-{machine}.json"
