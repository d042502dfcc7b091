"""What an export is: its parts, their inputs, and everything else that drawing hangs on."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from stylize.config.explain import explain
from stylize.errors import ModelError

NAME = "edge.json"
FORMAT = 1
"""Of the manifest: a reader refuses any other."""

TargetName = Literal["float", "w8", "cpu-int8", "htp-w8a16"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Port(_Table):
    """An input or output of a part.

    A side that follows the picture's size is written as `height` or `width`, those of the latents, and a factor:
    `height*8`, `width/2`.
    """

    name: str
    shape: tuple[int | str, ...]
    dtype: Literal["float32", "int64"] = "float32"

    def at(self, height: int, width: int) -> tuple[int, ...]:
        """The shape for latents of that height and width.

        Raises:
            ValueError: the latents do not divide as the shape wants.
        """
        return tuple(_side(side, {"height": height, "width": width}) for side in self.shape)


def _side(side: int | str, latents: dict[str, int]) -> int:
    if isinstance(side, int):
        return side
    for sign in "*/":
        name, found, factor = side.partition(sign)
        if found and sign == "*":
            return latents[name] * int(factor)
        if found:
            whole, rest = divmod(latents[name], int(factor))
            if rest:
                raise ValueError(f"{latents[name]} does not divide by {factor}")
            return whole
    return latents[side]


class Part(_Table):
    """One network: its ONNX file, whatever files lie beside it, and its ports in order.

    `files` are SHA-256 sums by name; `parameters` counts weights, `gflop` the work of one call at the manifest's
    `measured_at`.
    """

    model: str
    files: dict[str, str]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    parameters: int
    float_bytes: int
    """What its weights take in fp32."""
    gflop: float


class ControlParts(_Table):
    """A ControlNet in two parts: what it makes of its picture, once a frame, and its residuals, once a step."""

    condition: str
    picture: str
    residuals: str
    revision: str = ""


class SamplerFacts(_Table):
    """A sampler as diffusers makes it from the checkpoint's own: its class and all of its settings."""

    kind: str
    config: dict[str, Any]


class Fused(_Table):
    """A LoRA that has become part of the weights."""

    file: str
    sha256: str
    weight: float


class Calibration(_Table):
    """On what the ranges were measured."""

    clip: str
    frames: tuple[int, ...]
    size: tuple[int, int]
    steps: int
    strength: float
    samples: int
    digest: str
    adaround: int = 0
    """Iterations a layer of learnt rounding."""
    touch_up: int = 0
    """Steps in which each part learnt to answer as in float."""


class Metrics(_Table):
    """The export beside the torch pipeline in fp32, on frames that it was not calibrated on.

    PSNR in dB and SSIM of drawn frames, `flicker` as the ratio of their squared warp errors, `conditioning` and
    `control` as ratios of the standard deviations of (with prompt - without) and (with ControlNet - without).
    """

    psnr: float
    psnr_worst: float
    ssim: float
    conditioning: float
    control: float | None
    flicker: float | None = None
    frames: int


class Manifest(_Table):
    """Everything that drawing from an export hangs on. `size` is (width, height), px, where it is fixed."""

    format: int = FORMAT
    made_by: str
    versions: dict[str, str]
    target: TargetName
    checkpoint: str
    revision: str
    key: str
    short_side: int
    latent_scale: int
    levels: int
    channels: int
    clip_skip: int
    tokens: int
    pad_token: int
    samplers: dict[str, SamplerFacts]
    size: tuple[int, int] | None
    measured_at: tuple[int, int]
    parts: dict[str, Part]
    controls: tuple[ControlParts, ...]
    loras: tuple[Fused, ...]
    wide_layers: tuple[str, ...] = ()
    calibration: Calibration | None = None
    metrics: Metrics | None = None

    @property
    def grid(self) -> int:
        """The sides of a picture are padded to a multiple of this, px."""
        return self.latent_scale * 2 ** (self.levels - 1)

    @property
    def float_bytes(self) -> int:
        return sum(part.float_bytes for part in self.parts.values())

    def control(self, condition: str) -> ControlParts | None:
        return next((each for each in self.controls if each.condition == condition), None)


def is_export(folder: Path | str) -> bool:
    return (Path(folder) / NAME).is_file()


def read_manifest(folder: Path) -> Manifest:
    """Reads an export's manifest; the files are left unopened.

    Raises:
        ModelError: there is none, it cannot be read, or it is of another format.
    """
    file = folder / NAME
    try:
        table = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(
            f"This folder is no export: it has no {NAME}.",
            where=folder,
            hint="make one: stylize edge quantize",
        ) from error
    except (OSError, ValueError) as error:
        raise ModelError(
            "This export's manifest cannot be read.", where=file, hint="export it again"
        ) from error
    if isinstance(table, dict) and table.get("format") != FORMAT:
        raise ModelError(
            f"This export is of format {table.get('format')!r}, and only {FORMAT} is read here.",
            where=file,
            hint="export it again with this version",
        )
    try:
        return Manifest(**table)
    except (ValidationError, TypeError) as error:
        words = explain(error) if isinstance(error, ValidationError) else "it is not a table."
        raise ModelError(
            f"This manifest is not whole: {words}", where=file, hint="export it again"
        ) from error


def check_files(folder: Path, manifest: Manifest) -> None:
    """Holds every file against its SHA-256.

    Raises:
        ModelError: a file is missing, or is not the one that the manifest was written for.
    """
    for part in manifest.parts.values():
        for name, sha256 in part.files.items():
            file = folder / name
            if not file.is_file():
                raise ModelError(
                    "A file of this export is missing.", where=file, hint="copy the whole folder"
                )
            if digest_of(file) != sha256:
                raise ModelError(
                    "This file is not the one that the export's manifest was written for.",
                    where=file,
                    hint="copy the whole folder again, or export again",
                )


def digest_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def size_of(folder: Path, part: Part) -> int:
    """Bytes of a part's files."""
    return sum((folder / name).stat().st_size for name in part.files)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Last of all files and in one step: a folder with a manifest is whole."""
    temporary = folder / f".{NAME}.tmp"
    temporary.write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
    temporary.replace(folder / NAME)
