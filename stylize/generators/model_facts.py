"""What is known of a checkpoint from its configuration and its headers, and whether its files are whole."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stylize.diffusion.checkpoint import bundled_models, locate
from stylize.diffusion.checkpoint_info import CheckpointInfo, inspect_weights
from stylize.diffusion.families import ALL_FAMILIES, PIPELINES, family_of_file
from stylize.diffusion.folder import read_scheduler
from stylize.diffusion.single_file.header import read_header
from stylize.diffusion.single_file.prediction import scheduler_config
from stylize.errors import ModelError, UsageError
from stylize.generators.licences import licence_of

PRECISIONS = {"fp32": "float32", "bf16": "bfloat16"}


@dataclass(frozen=True)
class ModelFacts:
    """A checkpoint's facts as people ask for them.

    `licence` is what came with its files says; `short_side` is px; `controlnets` are the conditions that it has a
    ControlNet of its own for; the memory is that of weights and values for one frame at its own size, without the
    program, None where it cannot be counted.
    """

    name: str
    place: str
    family: str
    licence: str
    short_side: int
    predicts: str
    scheduler: str
    controlnets: tuple[str, ...]
    bytes: int
    fp32_bytes: int | None
    bf16_bytes: int | None

    def as_record(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class VerifiedModel:
    """What was read of a checkpoint that is whole; `sha256` is over its files in the order of their names."""

    place: str
    files: int
    tensors: int
    sha256: str


def read_facts(name: str, offline: bool = False) -> ModelFacts:
    """The facts of a checkpoint; no weights are loaded.

    Raises:
        UsageError, ModelError: it is not there, or is of a family that is not drawn with.
    """
    info = inspect_weights(name, offline)
    place = Path(info.place)
    kind, settings = _scheduler_of(info)
    known = sorted(each.parent.name for each in place.glob("controlnet/*/config.json"))
    memory = {name: _memory(info, dtype) for name, dtype in PRECISIONS.items()}
    return ModelFacts(
        name=place.stem if place.is_file() else place.name,
        place=info.place,
        family=ALL_FAMILIES[info.family].title,
        licence=licence_of(place),
        short_side=info.short_side,
        predicts=str(settings.get("prediction_type", "epsilon")),
        scheduler=kind,
        controlnets=tuple(known),
        bytes=info.weights_bytes,
        fp32_bytes=memory["fp32"],
        bf16_bytes=memory["bf16"],
    )


def bundled_checkpoints() -> list[ModelFacts]:
    """The checkpoints that come with the program."""
    return [read_facts(file.parent.name) for file in sorted(bundled_models().glob("*/model_index.json"))]


def verify_model(name: str) -> VerifiedModel:
    """Reads every weight of a checkpoint on this machine.

    Raises:
        UsageError: it is not on this machine. ModelError: a file is cut off, damaged or a pointer, or a weight is
            no number.
    """
    import torch
    from safetensors import SafetensorError, safe_open

    place = Path(locate(name))
    if not place.exists():
        raise UsageError(
            "Only a model on this machine is verified.", where=name, hint="name its folder or file"
        )
    files = [place] if place.is_file() else sorted(place.rglob("*.safetensors"))
    if not files:
        raise ModelError("There are no weights here.", where=place, hint="weights are .safetensors files")
    digest, tensors = hashlib.sha256(), 0
    for file in files:
        with file.open("rb") as opened:
            digest.update(hashlib.file_digest(opened, "sha256").digest())
        read_header(file)
        try:
            with safe_open(file, "pt") as opened_weights:
                for key in opened_weights.keys():  # noqa: SIM118
                    value = opened_weights.get_tensor(key)
                    tensors += 1
                    if value.is_floating_point() and not bool(torch.isfinite(value.float()).all()):
                        raise ModelError(f"The weight {key} holds what is no number.", where=file)
        except (SafetensorError, OSError) as error:
            raise ModelError(f"This file is cut off or damaged: {error}.", where=file) from error
    inspect_weights(name, offline=True)
    return VerifiedModel(str(place), len(files), tensors, digest.hexdigest())


def _scheduler_of(info: CheckpointInfo) -> tuple[str, dict[str, Any]]:
    place = Path(info.place)
    if place.is_file():
        header = read_header(place)
        return scheduler_config(header, family_of_file(header.shapes, place), place)
    if not place.is_dir():
        return "the hub's", {}
    settings = read_scheduler(place)
    if info.family in PIPELINES:
        settings = {"prediction_type": "flow", **settings}
    return str(settings.get("_class_name", "unknown")), settings


def _memory(info: CheckpointInfo, dtype: str) -> int | None:
    """Bytes for one frame at the checkpoint's own size."""
    import torch

    from stylize.diffusion.weightless import activation_bytes, read_weightless

    networks = read_weightless(Path(info.place), getattr(torch, dtype))
    if networks is None:
        return None
    side = -(-info.short_side // info.grid) * info.grid
    return networks.weights_bytes() + activation_bytes(networks.calls(side, side, 1, 0))
