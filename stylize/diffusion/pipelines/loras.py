"""Adds LoRAs into the weights of a pipeline's networks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from stylize.diffusion.loading import quiet
from stylize.diffusion.lora.load import add_changes, find_lora, read_lora

FIRST_NAMES = re.compile(r"double_blocks|single_blocks|^diffusion_model\.|lora_unet_")
"""How a LoRA's names tell that they are those of a family's first code, and not of diffusers."""


def load_pipeline_loras(pipe: Any, files: Sequence[tuple[str, float]], offline: bool) -> None:
    """Adds LoRAs, each with its own weight, into a pipeline's networks; drawing is as fast as without them.

    Files in the names of diffusers, peft and OneTrainer are read as those for a UNet are, every layer with its own
    rank and alpha. Files in the names of a family's first code (kohya's, for Flux) are renamed by diffusers first.

    Raises:
        UsageError, ModelError: a file that does not exist, can run code, or is for another architecture.
    """
    names = ("transformer", "transformer_2", "text_encoder", "text_encoder_2")
    networks = {name: part for name in names if (part := getattr(pipe, name, None)) is not None}
    for name, weight in files:
        if weight != 0:
            file = find_lora(name, offline)
            weights, metadata = read_lora(file)
            add_changes(networks, _renamed(pipe, weights), metadata, file, weight)


def _renamed(pipe: Any, weights: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """Weights by diffusers' names, where it knows them; else as they are, to be refused if they do not fit."""
    if not any(FIRST_NAMES.search(name) for name in weights) or not hasattr(pipe, "lora_state_dict"):
        return weights
    try:
        with quiet():
            renamed = pipe.lora_state_dict({name: value.clone() for name, value in weights.items()})
    except (ValueError, KeyError, RuntimeError, AttributeError):
        return weights  # of another family: the names themselves tell of which
    return dict(renamed) if renamed else weights
