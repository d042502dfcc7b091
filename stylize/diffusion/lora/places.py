"""The modules that a LoRA's names mean: one trainer writes dots, another underscores, a third the names of the
first Stable Diffusion code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from stylize.diffusion.lora.roles import ModuleChange
from stylize.diffusion.lora.wan_names import first_names
from stylize.diffusion.single_file.unet_names import ldm_modules
from stylize.errors import ModelError

PREFIXES = (
    ("lora_unet_", ("unet", "transformer")),
    ("lycoris_unet_", ("unet", "transformer")),
    ("lora_te1_", ("text_encoder",)),
    ("lora_te2_", ("text_encoder_2",)),
    ("lora_te_", ("text_encoder",)),
    ("lora_transformer_", ("transformer",)),
    ("unet.", ("unet",)),
    ("text_encoder_2.", ("text_encoder_2",)),
    ("text_encoder.", ("text_encoder",)),
    ("transformer.", ("transformer",)),
    ("transformer_2.", ("transformer_2",)),
    ("diffusion_model.", ("unet", "transformer")),
    ("model.diffusion_model.", ("unet", "transformer")),
)
"""How a name begins, and the parts of a model that it may be in. Source: the trainers named in `roles`."""
FAMILIES = (
    (r"lora_te2_|^text_encoder_2\.|add_embedding|label_emb|_transformer_blocks_[2-9]_", "Stable Diffusion XL"),
    (r"double_blocks|single_blocks|single_transformer_blocks", "Flux"),
    (r"joint_blocks", "Stable Diffusion 3"),
    (r"add_k_proj|^transformer\.transformer_blocks|^transformer_blocks|lora_transformer_",
     "a transformer (Stable Diffusion 3, Flux, Qwen-Image)"),
    (r"(^|\.|_)blocks[._]\d+[._](self_attn|cross_attn|ffn|attn)", "Wan, or another video model"),
    (r"context_refiner|noise_refiner|(^|\.)layers\.\d+\.(attention|adaLN|feed_forward)", "Z-Image or Lumina"),
    (r"^lora_prior_|^prior\.", "Stable Cascade"),
    (r"lora_te_text_model_encoder_layers_(1[2-9]|2\d)_", "Stable Diffusion 2.x"),
    (r"(^|[._])(down|up)_blocks[._]|mid_block|input_blocks|middle_block|output_blocks",
     "a Stable Diffusion of another width"),
)  # fmt: skip
"""Families, by names that only their LoRAs have; the first that fits."""


class Places:
    """The modules of a model's parts, by every name that a LoRA may use for them."""

    def __init__(self, parts: Mapping[str, nn.Module]) -> None:
        self.parts = parts
        self._names = {part: _index(network) for part, network in parts.items()}

    def find(self, name: str) -> tuple[str, Any] | None:
        """The part and name of the module that `name` means, and the module; None where there is none."""
        inner = name.removeprefix("base_model.model.")
        for prefix, parts in PREFIXES:
            if inner.startswith(prefix):
                return self._in(parts, inner.removeprefix(prefix))
        return self._in(tuple(self.parts), inner)

    def _in(self, parts: tuple[str, ...], name: str) -> tuple[str, Any] | None:
        for part in parts:
            own = self._names.get(part, {}).get(_flat(name))
            if own is not None:
                return f"{part}.{own}", self.parts[part].get_submodule(own)
        return None


def refuse_place(changes: Mapping[str, ModuleChange], change: ModuleChange, where: Path | str) -> ModelError:
    """The error of a file with a module that the checkpoint does not have."""
    family = family_of(changes)
    told = f"{family}; " if family else ""
    return ModelError(
        f"This LoRA is for another architecture: {told}this checkpoint has no {change.module}.", where=where
    )


def family_of(names: Mapping[str, object]) -> str | None:
    """The family that a LoRA was made for, as far as its names tell."""
    return next(
        (family for pattern, family in FAMILIES if any(re.search(pattern, name) for name in names)), None
    )


def _index(network: nn.Module) -> dict[str, str]:
    names = {_flat(name): name for name, _ in network.named_modules() if name}
    if hasattr(network, "config") and type(network).__name__ == "UNet2DConditionModel":
        names |= {_flat(ldm): own for own, ldm in ldm_modules(network).items()}
    if type(network).__name__.startswith("Wan"):
        names |= {_flat(first): own for first, own in first_names(names.values()).items()}
    return names


def _flat(name: str) -> str:
    """One form for all: underscores, without the `text_model` that versions of transformers have or have not."""
    return name.replace(".", "_").removeprefix("text_model_")
