"""Loads a ControlNet: the one named, or the one that comes with a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stylize.diffusion.checkpoint import Checkpoint
from stylize.diffusion.conditions import SAME_NET
from stylize.diffusion.folder import weight_options
from stylize.diffusion.hub import hub_folder
from stylize.diffusion.loading import PICKLES, REFUSAL, explained, quiet
from stylize.errors import ModelError, UsageError
from stylize.system.documents import DocumentError, read_json


def load_controlnet(checkpoint: Checkpoint, condition: str, model: str | None, offline: bool = False) -> Any:
    """Loads a ControlNet, or a union of several: the named one, else the one in the checkpoint's folder.

    Raises:
        ModelError: there is none for this condition, or it belongs to another architecture.
    """
    import torch

    place = model or _bundled_controlnet(checkpoint, condition)
    path = Path(place).expanduser()
    if path.suffix.lower() in PICKLES:
        raise UsageError(f"A {path.suffix} file is not loaded: {REFUSAL}.", where=place)
    if path.suffix == ".safetensors" and not path.is_file():
        raise UsageError("There is no such ControlNet.", where=place)
    with explained(place), quiet():
        if path.is_file():
            from stylize.diffusion.single_file.load import load_controlnet_file

            net = load_controlnet_file(path, checkpoint.family, checkpoint.dtype)
        else:
            folder = path if path.is_dir() else hub_folder(place, ("config.json", "*.safetensors"), offline)
            net = _from_folder(folder, checkpoint.dtype)
    for fact in ("in_channels", "cross_attention_dim", "block_out_channels"):
        ours, theirs = checkpoint.unet.config[fact], net.config[fact]
        if ours != theirs and list(_listed(ours)) != list(_listed(theirs)):
            raise ModelError(
                f"This ControlNet is for another architecture: its {fact} is {theirs}, the checkpoint's {ours}.",
                where=place,
            )
    return net.requires_grad_(False).eval().to(device=checkpoint.device, memory_format=torch.channels_last)


def _from_folder(folder: Path, dtype: Any) -> Any:
    import diffusers

    try:
        kind = dict(read_json(folder / "config.json")).get("_class_name")
    except (DocumentError, ValueError, TypeError) as error:
        raise ModelError("This ControlNet has no readable configuration.", where=folder) from error
    if kind not in ("ControlNetModel", "ControlNetUnionModel"):
        raise ModelError(f"This folder holds no ControlNet but a {kind}.", where=folder)
    options = weight_options(folder, dtype)
    return getattr(diffusers, kind).from_pretrained(folder, local_files_only=True, **options)


def _bundled_controlnet(checkpoint: Checkpoint, condition: str) -> str:
    folder = Path(checkpoint.name) / "controlnet"
    for name in (condition, SAME_NET.get(condition, condition)):
        if (folder / name / "config.json").is_file():
            return str(folder / name)
    there = sorted(each.parent.name for each in folder.glob("*/config.json"))
    raise ModelError(
        f"This checkpoint has no ControlNet for {condition!r}.",
        where=checkpoint.name,
        hint=(f"it has: {', '.join(there)}; " if there else "")
        + f"name one with --control {condition}@MODEL, a hub id, folder or .safetensors",
    )


def _listed(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)
