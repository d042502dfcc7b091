"""Loads a ControlNet: the one named, or the one that comes with a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stylize.diffusion.checkpoint import Checkpoint
from stylize.diffusion.conditions import SAME_NET
from stylize.diffusion.loading import PICKLES, REFUSAL, explained, quiet
from stylize.errors import ModelError, UsageError


def load_controlnet(checkpoint: Checkpoint, condition: str, model: str | None, offline: bool = False) -> Any:
    """Loads a ControlNet: the named one, else the one in the checkpoint's folder.

    Raises:
        ModelError: there is none for this condition, or it belongs to another architecture.
    """
    import torch
    from diffusers import ControlNetModel

    place = model or _bundled_controlnet(checkpoint, condition)
    if Path(place).suffix.lower() in PICKLES:
        raise UsageError(f"A {Path(place).suffix} file is not loaded: {REFUSAL}.", where=place)
    local = offline or Path(place).exists()
    with explained(place), quiet():
        if place.endswith(".safetensors"):
            net = ControlNetModel.from_single_file(place, dtype=checkpoint.dtype, local_files_only=local)
        else:
            net = ControlNetModel.from_pretrained(
                place, dtype=checkpoint.dtype, local_files_only=local, use_safetensors=True
            )
    for fact in ("in_channels", "cross_attention_dim", "block_out_channels"):
        ours, theirs = checkpoint.unet.config[fact], net.config[fact]
        if ours != theirs and list(_listed(ours)) != list(_listed(theirs)):
            raise ModelError(
                f"This ControlNet is for another architecture: its {fact} is {theirs}, the checkpoint's {ours}.",
                where=place,
            )
    return net.requires_grad_(False).eval().to(device=checkpoint.device, memory_format=torch.channels_last)


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
