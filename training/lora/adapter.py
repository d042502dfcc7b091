"""Adds a LoRA to the networks with peft, and writes it as a diffusers file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from diffusers import StableDiffusionPipeline
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from torch import Tensor, nn

from stylize.errors import UsageError
from training.lora.recipe import StyleRecipe

ADAPTER = "default"
GROUPS = {
    "attention": ("to_q", "to_k", "to_v", "to_out.0"),
    "feedforward": ("ff.net.0.proj", "ff.net.2"),
    "convolutions": ("conv1", "conv2", "conv_shortcut", "conv", "conv_in", "conv_out", "time_emb_proj"),
}
TEXT_TARGETS = ("q_proj", "k_proj", "v_proj", "out_proj")


def add_adapter(unet: Any, text_encoder: Any, recipe: StyleRecipe) -> None:
    """Adds an untrained LoRA to the UNet and, where the recipe asks for it, to the text encoder, in place.

    Its weights are float32 whatever the networks are held in, and start from the recipe's seed.

    Raises:
        UsageError: the recipe targets a module that the network does not have.
    """
    torch.manual_seed(recipe.seed)
    unet.add_adapter(_config(recipe, recipe.rank, targets_of(unet, recipe.targets)))
    if recipe.text_rank:
        text_encoder.add_adapter(_config(recipe, recipe.text_rank, list(TEXT_TARGETS)))
    for parameter in trainable_parameters(unet, text_encoder):
        parameter.data = parameter.data.float()


def targets_of(unet: nn.Module, wanted: Iterable[str]) -> list[str]:
    """Names of modules as peft takes them.

    Args:
        wanted: groups of `GROUPS`, `auto`, or the ends of modules' names.

    Raises:
        UsageError: none of the UNet's modules has such a name.
    """
    names: list[str] = []
    for word in wanted:
        if word == "auto":  # where attention is rare, a style has to be learnt in the convolutions
            groups = ["attention"] if _has_attention_throughout(unet) else ["attention", "convolutions"]
            names += [name for group in groups for name in GROUPS[group]]
        else:
            names += GROUPS.get(word, (word,))
    modules = [name for name, _ in unet.named_modules()]
    known = [name for name in names if any(each == name or each.endswith(f".{name}") for each in modules)]
    unknown = [name for name in wanted if name not in GROUPS and name != "auto" and name not in known]
    if unknown or not known:
        raise UsageError(
            f"The network has no module called {(unknown or list(wanted))[0]!r}.",
            where="targets",
            hint=f"auto, {', '.join(GROUPS)}, or the end of a module's name",
        )
    return known


def trainable_parameters(*parts: nn.Module) -> list[nn.Parameter]:
    """The parameters that ask for gradients, in the order of the modules."""
    return [parameter for part in parts for parameter in part.parameters() if parameter.requires_grad]


@contextmanager
def adapters_disabled(*networks: Any) -> Iterator[None]:
    """Within it the networks compute as they would without their LoRAs; some may have none."""
    adapted = [each for each in networks if getattr(each, "_hf_peft_config_loaded", False)]
    for each in adapted:
        each.disable_adapters()
    try:
        yield
    finally:
        for each in adapted:
            each.enable_adapters()


def lora_weights(part: Any) -> dict[str, Tensor]:
    """The LoRA of one network by diffusers' names, float16 on the CPU.

    `alpha / rank` is multiplied into B, so that `B @ A` is the whole update: the file needs no alpha, which loaders
    treat differently.
    """
    scales = {
        name: module.scaling[ADAPTER]
        for name, module in part.named_modules()
        if ADAPTER in getattr(module, "scaling", {})
    }
    weights = {}
    for name, value in get_peft_model_state_dict(part, adapter_name=ADAPTER).items():
        module = name.split(".lora_")[0]
        scale = scales.get(module, 1.0) if ".lora_B." in name else 1.0
        weights[name] = (value.detach().float() * scale).to("cpu", torch.float16).contiguous()
    return weights


def write_lora(unet: Any, text_encoder: Any, file: Path) -> int:
    """Writes the LoRA in diffusers' layout, float16 safetensors.

    Returns:
        The file's size in bytes.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    text = lora_weights(text_encoder) if trainable_parameters(text_encoder) else {}
    # Loaders expect CLIP's layers under `text_model.`, which this version of transformers may leave out.
    text = {f"text_model.{name.removeprefix('text_model.')}": value for name, value in text.items()}
    StableDiffusionPipeline.save_lora_weights(
        file.parent,
        unet_lora_layers=lora_weights(unet),
        text_encoder_lora_layers=text or None,
        weight_name=file.name,
    )
    file.chmod(0o644)
    return file.stat().st_size


def _config(recipe: StyleRecipe, rank: int, targets: list[str]) -> LoraConfig:
    alpha = recipe.alpha if recipe.alpha is not None else rank
    return LoraConfig(
        r=rank,
        lora_alpha=alpha,
        lora_dropout=recipe.dropout,
        target_modules=targets,
        init_lora_weights="gaussian",
    )


def _has_attention_throughout(unet: Any) -> bool:
    """Whether at least half of the UNet's levels have attention, as in Stable Diffusion."""
    levels = unet.config.down_block_types
    return 2 * sum("Attn" in kind for kind in levels) >= len(levels)
