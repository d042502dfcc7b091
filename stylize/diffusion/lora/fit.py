"""Checks that a LoRA fits a checkpoint."""

from __future__ import annotations

import re
from pathlib import Path

from torch import Tensor

from stylize.diffusion.checkpoint import Checkpoint
from stylize.errors import ModelError

PLACE = re.compile(r"(?P<place>(unet|text_encoder)\.[^:]+?)\.lora(?P<side>_A|_B|\.down|\.up)\.weight")


def check(weights: dict[str, Tensor], checkpoint: Checkpoint, where: Path) -> None:
    """Checks a LoRA with diffusers' names against the modules that it would change.

    Raises:
        ModelError: it is for a module that the checkpoint does not have, or that has another size there.
    """
    parts = {"unet": checkpoint.unet, "text_encoder": checkpoint.text_encoder}
    modules = {
        f"{part}.{name}": module for part, net in parts.items() for name, module in net.named_modules()
    }
    for name, value in weights.items():
        found = PLACE.fullmatch(name)
        if found is None:  # an alpha, or the oldest naming, which the loader knows
            continue
        place, side = found["place"], found["side"]
        if (
            place not in modules
        ):  # transformers' CLIP has its body behind `text_model`, or has not, by version
            place = place.replace("text_encoder.text_model.", "text_encoder.")
        own = getattr(modules.get(place), "weight", None)
        if own is None:
            raise ModelError(
                f"This LoRA is for another architecture: this checkpoint has no {place}.", where=where
            )
        axis = 1 if side in ("_A", ".down") else 0
        if value.shape[axis] != own.shape[axis]:
            raise ModelError(
                f"This LoRA is for another architecture: at {place} it has {value.shape[axis]} channels, this "
                f"checkpoint {own.shape[axis]}.",
                where=where,
            )
