"""Adds LoRAs into the weights of a pipeline's networks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from torch import Tensor

from stylize.config.style import Lora
from stylize.diffusion.loading import quiet
from stylize.diffusion.lora.load import add_changes, find_lora, read_lora
from stylize.errors import UsageError

FIRST_NAMES = re.compile(r"double_blocks|single_blocks|^diffusion_model\.|lora_unet_")
"""How a LoRA's names tell that they are those of a family's first code, and not of diffusers."""


def load_pipeline_loras(pipe: Any, parts: Mapping[str, Any], loras: Sequence[Lora], offline: bool) -> None:
    """Adds LoRAs, each with its own weight, into a pipeline's networks; drawing is as fast as without them.

    Files in the names of diffusers, peft and OneTrainer are read as those for a UNet are, every layer with its own
    rank and alpha. Files in the names of a family's first code (kohya's, for Flux) are renamed by diffusers first.

    Args:
        parts: the pipeline's, by their names in diffusers.

    Raises:
        UsageError, ModelError: a file that does not exist, can run code, or is for another architecture.
    """
    for lora in loras:
        if lora.weight != 0:
            file = find_lora(lora.file, offline)
            weights, metadata = read_lora(file)
            renamed = _renamed(pipe, weights)
            for networks in _networks(parts, lora, renamed):
                add_changes(networks, renamed, metadata, file, lora.weight)


def _networks(parts: Mapping[str, Any], lora: Lora, names: Iterable[str]) -> list[dict[str, Any]]:
    """The networks that a file is added to. Of two transformers both are given what names neither, as a file for
    one transformer does; each is then the one that the file means.

    Raises:
        UsageError: the file is for one of two transformers, and there is one.
    """
    texts = {name: parts[name] for name in ("text_encoder", "text_encoder_2") if parts.get(name) is not None}
    first, second = parts.get("transformer"), parts.get("transformer_2")
    if second is None:
        if lora.expert is not None:
            raise UsageError(
                f"This model has one transformer, and the LoRA is for one of two (@{lora.expert}).",
                where=lora.file,
                hint=f"leave @{lora.expert} out",
            )
        return [{"transformer": first} | texts]
    if any(name.startswith("transformer_2.") for name in names):
        return [{"transformer": first, "transformer_2": second} | texts]
    chosen = {"high": [first], "low": [second], None: [first, second]}[lora.expert]
    return [{"transformer": network} | (texts if place == 0 else {}) for place, network in enumerate(chosen)]


def _renamed(pipe: Any, weights: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """Weights by diffusers' names, where it knows them; else as they are, to be refused if they do not fit."""
    if type(pipe).__name__.startswith("Wan"):
        return weights  # `places` knows these names, for any method and whatever layers a file leaves out
    if not any(FIRST_NAMES.search(name) for name in weights) or not hasattr(pipe, "lora_state_dict"):
        return weights
    try:
        with quiet():
            renamed = pipe.lora_state_dict({name: value.clone() for name, value in weights.items()})
    except (ValueError, KeyError, RuntimeError, AttributeError):
        return weights  # of another family: the names themselves tell of which
    return dict(renamed) if renamed else weights
