"""What an export is: its parts, their inputs and outputs, and everything else that drawing depends on."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from stylize.config.manifest import parse_manifest
from stylize.errors import ModelError
from stylize.storage.atomic import atomic_write, sweep_unfinished
from stylize.storage.digests import digest_of
from stylize.system.documents import DocumentError, read_json

NAME = "edge.json"
FORMAT = 1
"""The version of the manifest's format; any other is refused."""

TargetName = Literal["float", "w8", "cpu-int8", "htp-w8a16"]


class _ManifestTable(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Port(_ManifestTable):
    """An input or output of a part: its name, shape and dtype.

    A side that follows the picture's size is written as the latents' `height` or `width` and a factor: `height*8`,
    `width/2`.
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


class ExportPart(_ManifestTable):
    """One network: its ONNX file, the files that belong to it, and its inputs and outputs in order.

    `files` are SHA-256 sums by name; `parameters` counts weights, and `float_bytes` is what they take in fp32;
    `gflop` is the work of one call at the manifest's `measured_at`.
    """

    model: str
    files: dict[str, str]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    parameters: int
    float_bytes: int
    gflop: float

    @model_validator(mode="after")
    def _names_files_beside_it(self) -> ExportPart:
        """A manifest may be a stranger's: what it names lies in its folder, and every file has its digest."""
        for name in (self.model, *self.files):
            if not all(part.strip(".") for part in name.split("/")) or set(name) & set("\\:\0"):
                raise ValueError(f"{name!r} is no file's name in an export's folder")
        if self.model not in self.files:
            raise ValueError(f"the digest of the file {self.model!r} is not listed")
        return self


class ControlNetParts(_ManifestTable):
    """The names of a ControlNet's two parts: `picture` embeds the conditioning picture, once a frame; `residuals`
    computes what is added to the UNet, once a step. `revision` stands for its weights."""

    condition: str
    picture: str
    residuals: str
    revision: str = ""


class SamplerSpec(_ManifestTable):
    """A sampler as diffusers makes it from the checkpoint's own: its class and all of its settings."""

    kind: str
    config: dict[str, Any]


class FusedLora(_ManifestTable):
    """A LoRA that was added into the weights."""

    file: str
    sha256: str
    weight: float


class Calibration(_ManifestTable):
    """What the ranges were measured on, and how weights were rounded and trained.

    `frames` are numbers in the clip, `size` is (width, height), px; `adaround` counts iterations a layer of learned
    rounding, `touch_up` the steps in which each part was trained to give the float network's outputs.
    """

    clip: str
    frames: tuple[int, ...]
    size: tuple[int, int]
    steps: int
    strength: float
    samples: int
    digest: str
    adaround: int = 0
    touch_up: int = 0


class Metrics(_ManifestTable):
    """The export compared with the torch pipeline in fp32, on frames that it was not calibrated on.

    PSNR in dB and SSIM of drawn frames; `flicker` is the ratio of their squared warp errors, export over float;
    `conditioning` and `control` are ratios of the standard deviations of the UNet's (with prompt - without) and
    (with ControlNets - without).
    """

    psnr: float
    psnr_worst: float
    ssim: float
    conditioning: float
    control: float | None
    flicker: float | None = None
    frames: int


class Manifest(_ManifestTable):
    """Everything that drawing from an export depends on.

    `size` is the one (width, height), px, that it draws, None where any size will do; `measured_at` is the one at
    which its parts' work was counted; `wide_layers` are `part:layer` names of layers that were not quantized.
    """

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
    samplers: dict[str, SamplerSpec]
    size: tuple[int, int] | None
    measured_at: tuple[int, int]
    parts: dict[str, ExportPart]
    controls: tuple[ControlNetParts, ...]
    loras: tuple[FusedLora, ...]
    wide_layers: tuple[str, ...] = ()
    calibration: Calibration | None = None
    metrics: Metrics | None = None

    @property
    def grid(self) -> int:
        """The multiple that a picture's sides are padded to, px."""
        return self.latent_scale * 2 ** (self.levels - 1)

    @property
    def float_bytes(self) -> int:
        return sum(part.float_bytes for part in self.parts.values())

    def control(self, condition: str) -> ControlNetParts | None:
        return next((each for each in self.controls if each.condition == condition), None)


def is_export(folder: Path | str) -> bool:
    """Whether a folder holds a finished export."""
    return (Path(folder) / NAME).is_file()


def read_manifest(folder: Path) -> Manifest:
    """Reads an export's manifest, and none of its other files.

    Raises:
        ModelError: there is none, it cannot be read, or it is of another format.
    """
    file = folder / NAME
    try:
        table = read_json(file)
    except DocumentError as error:
        if error.missing:
            raise ModelError(
                f"This folder is not an export: it has no {NAME}.",
                where=folder,
                hint="make one: stylize edge quantize",
            ) from error
        raise ModelError(f"This export's manifest {error}.", where=file, hint="export it again") from error
    return parse_manifest(
        table, Manifest, FORMAT, file, thing="export", hint="export it again with this version"
    )


def check_files(folder: Path, manifest: Manifest) -> None:
    """Compares the SHA-256 of every file with the manifest's.

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


def size_of(folder: Path, part: ExportPart) -> int:
    """Bytes of a part's files."""
    return sum((folder / name).stat().st_size for name in part.files)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Writes the manifest. It is the last file to be written: a folder that has one is a whole export.

    Raises:
        CannotWrite: the disk is full or the folder cannot be written.
    """
    sweep_unfinished(folder)
    atomic_write(folder / NAME, manifest.model_dump_json(indent=1).encode())
