"""What a live model is: its files with their digests, what it draws, and what was measured of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stylize.config.explain import explain
from stylize.errors import ModelError
from stylize.storage.atomic import atomic_write
from stylize.storage.digests import digest_of

NAME = "live.json"
FORMAT = 1
"""The version of the manifest's format; any other is refused."""

MEASURED_SIDE = 512
"""Of the square picture whose work a manifest counts, px."""

NetworkName = Literal["s", "m", "l"]
Precision = Literal["float", "int8"]


class LiveTable(BaseModel):
    """A part of a manifest, or the whole of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Manifest = TypeVar("Manifest", bound=LiveTable)


class LiveFile(LiveTable):
    """One of a model's files: its name in the model's folder, SHA-256 and size."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(gt=0)


class LiveMetrics(LiveTable):
    """Measured on clips that were never trained on.

    `psnr` is to the teacher's drawings, dB; `int8_psnr` the same of the quantized network; `warp_error` the mean
    squared difference between neighbouring frames but for the source's own motion, and the same of the teacher's
    drawings and of the source.
    """

    psnr: float
    int8_psnr: float | None = None
    warp_error: float
    teacher_warp_error: float
    source_warp_error: float
    frames: int


class LiveManifest(LiveTable):
    """Everything that drawing with a live model depends on, and what a person would ask about it.

    `version` counts what was published under one name; `short_side` is the size at which it draws by default, px;
    `grid` the multiple that the sides of a picture are padded to, px; `gflop` the work of a picture of 512x512 px.
    """

    format: int = FORMAT
    style: str
    network: NetworkName
    version: int = Field(1, ge=1)
    licence: str
    teacher: str
    short_side: int = Field(gt=0, le=4096)
    grid: int = Field(gt=0, le=256)
    parameters: int
    gflop: float
    steps: int
    pairs: int
    files: dict[Precision, LiveFile]
    metrics: LiveMetrics | None = None

    @property
    def name(self) -> str:
        return f"{self.style}-{self.network}"


def is_live_model(folder: Path | str) -> bool:
    """Whether a folder holds a live model."""
    return (Path(folder) / NAME).is_file()


def read_live_manifest(folder: Path) -> LiveManifest:
    """Reads a live model's manifest, and none of its other files.

    Raises:
        ModelError: there is none, it cannot be read, or it is of another format.
    """
    return read_table(folder / NAME, LiveManifest)


def parse_live_manifest(text: bytes, where: str) -> LiveManifest:
    """The manifest in a file's contents.

    Args:
        where: the file, for the messages.

    Raises:
        ModelError: it is not valid, or of another format.
    """
    return _parse(text, where, LiveManifest)


def read_table(file: Path, kind: type[Manifest]) -> Manifest:
    """The manifest in a file.

    Raises:
        ModelError: it cannot be read, is not valid, or is of another format.
    """
    try:
        return _parse(file.read_bytes(), str(file), kind)
    except OSError as error:
        raise ModelError(
            "This live model's manifest cannot be read.", where=file, hint="copy the whole folder again"
        ) from error


def _parse(text: bytes, where: str, kind: type[Manifest]) -> Manifest:
    try:
        table = json.loads(text)
    except ValueError as error:
        raise ModelError("This manifest is not JSON.", where=where, hint="copy the model again") from error
    if isinstance(table, dict) and table.get("format") != FORMAT:
        raise ModelError(
            f"This live model is of format {table.get('format')!r}, and only {FORMAT} is read here.",
            where=where,
            hint="take a model of this version, or update stylize",
        )
    try:
        return kind.model_validate(table)
    except ValidationError as error:
        raise ModelError(
            f"This manifest is not valid: {explain(error)}", where=where, hint="copy the model again"
        ) from error


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
