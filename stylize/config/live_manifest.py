"""What a live model states: its files with their digests, what it draws, and what was measured of it."""

from __future__ import annotations

import json
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from stylize.config.manifest import parse_manifest
from stylize.config.style import NAME_CHARACTERS, TEXT_CHARACTERS
from stylize.errors import ModelError

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
    style: str = Field(max_length=NAME_CHARACTERS)
    network: NetworkName
    version: int = Field(1, ge=1)
    licence: str = Field(max_length=TEXT_CHARACTERS)
    teacher: str = Field(max_length=TEXT_CHARACTERS)
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


def parse_live_manifest(text: bytes, where: str) -> LiveManifest:
    """The manifest in a file's contents.

    Args:
        where: the file, for the messages.

    Raises:
        ModelError: it is not valid, or of another format.
    """
    return parse_live_table(text, where, LiveManifest)


def parse_live_table(text: bytes, where: str, kind: type[Manifest]) -> Manifest:
    """The manifest of a kind in a file's contents.

    Raises:
        ModelError: it is not valid, or of another format.
    """
    try:
        table = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError("This manifest is not JSON.", where=where, hint="copy the model again") from error
    return parse_manifest(
        table,
        kind,
        FORMAT,
        where,
        thing="live model",
        hint="copy the model again, or take one of this version",
    )
