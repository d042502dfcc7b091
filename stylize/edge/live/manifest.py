"""A live model's manifest as a file: read, written, and its other files compared with it."""

from __future__ import annotations

from pathlib import Path

from stylize.config.live_manifest import (
    FORMAT,
    MEASURED_SIDE,
    LiveFile,
    LiveManifest,
    LiveMetrics,
    LiveTable,
    Manifest,
    NetworkName,
    Precision,
    parse_live_manifest,
    parse_live_table,
)
from stylize.errors import ModelError
from stylize.storage.atomic import atomic_write
from stylize.storage.digests import digest_of
from stylize.system.documents import DocumentError, read_bytes

__all__ = [
    "FORMAT",
    "MEASURED_SIDE",
    "LiveFile",
    "LiveManifest",
    "LiveMetrics",
    "LiveTable",
    "NetworkName",
    "Precision",
    "parse_live_manifest",
]
NAME = "live.json"


def is_live_model(folder: Path | str) -> bool:
    """Whether a folder holds a live model."""
    return (Path(folder) / NAME).is_file()


def read_live_manifest(folder: Path) -> LiveManifest:
    """Reads a live model's manifest, and none of its other files.

    Raises:
        ModelError: there is none, it cannot be read, or it is of another format.
    """
    return read_table(folder / NAME, LiveManifest)


def read_table(file: Path, kind: type[Manifest]) -> Manifest:
    """The manifest in a file.

    Raises:
        ModelError: it cannot be read, is not valid, or is of another format.
    """
    try:
        text = read_bytes(file)
    except DocumentError as error:
        raise ModelError(
            f"This live model's manifest {error}.", where=file, hint="copy the whole folder again"
        ) from error
    return parse_live_table(text, str(file), kind)


def check_live_file(folder: Path, file: LiveFile) -> Path:
    """The path of a model's file, after a look at its SHA-256.

    Raises:
        ModelError: it is missing, or is not the one that the manifest was written for.
    """
    path = folder / file.name
    if not path.is_file():
        raise ModelError("A file of this live model is missing.", where=path, hint="copy the whole folder")
    if digest_of(path) != file.sha256:
        raise ModelError(
            "This file is not the one that the live model's manifest was written for.",
            where=path,
            hint="copy the whole folder again",
        )
    return path


def write_live_manifest(folder: Path, manifest: LiveManifest) -> None:
    """Writes the manifest; last of the files, so that a folder that has one is a whole model.

    Raises:
        CannotWrite: the disk is full or the folder cannot be written.
    """
    write_table(folder / NAME, manifest)


def write_table(file: Path, manifest: LiveTable) -> None:
    """Writes a manifest as JSON.

    Raises:
        CannotWrite: the disk is full or the folder cannot be written.
    """
    atomic_write(file, manifest.model_dump_json(indent=1).encode() + b"\n")
