"""Where the LoRA is laid, and how it is written: peft's layers, diffusers' file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from diffusers import StableDiffusionPipeline
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from torch import Tensor, nn

from stylize.errors import UsageError
from training.lora.recipe import Recipe

ADAPTER = "default"
GROUPS = {
    "attention": ("to_q", "to_k", "to_v", "to_out.0"),
    "feedforward": ("ff.net.0.proj", "ff.net.2"),
    "convolutions": ("conv1", "conv2", "conv_shortcut", "conv", "conv_in", "conv_out", "time_emb_proj"),
}
TEXT_TARGETS = ("q_proj", "k_proj", "v_proj", "out_proj")


def lay_adapter(unet: Any, text_encoder: Any, recipe: Recipe) -> None:
    """Lays an untrained LoRA over the UNet and, where the recipe asks for it, over the text encoder.

    Raises:
        UsageError: there is no module of a name that the recipe targets.
    """
    torch.manual_seed(recipe.seed)
    unet.add_adapter(_config(recipe, recipe.rank, targets_of(unet, recipe.targets)))
    if recipe.text_rank:
        text_encoder.add_adapter(_config(recipe, recipe.text_rank, list(TEXT_TARGETS)))
    for parameter in trainable(unet, text_encoder):
        parameter.data = parameter.data.float()


def targets_of(unet: nn.Module, wanted: Iterable[str]) -> list[str]:
    """Names of modules as peft takes them, from groups, `auto`, or such names."""
    names: list[str] = []
    for word in wanted:
        if word == "auto":  # where attention is rare, a style is learnt in the convolutions
            groups = ["attention"] if _attentive(unet) else ["attention", "convolutions"]
            names += [name for group in groups for name in GROUPS[group]]
        else:
            names += GROUPS.get(word, (word,))
    there = {name for name, _ in unet.named_modules()}
    known = [name for name in names if any(each == name or each.endswith(f".{name}") for each in there)]
    unknown = [name for name in wanted if name not in GROUPS and name != "auto" and name not in known]
    if unknown or not known:
        raise UsageError(
            f"The network has no module called {(unknown or list(wanted))[0]!r}.",
            where="targets",
            hint=f"auto, {', '.join(GROUPS)}, or the end of a module's name",
        )
    return known


def trainable(*parts: nn.Module) -> list[nn.Parameter]:
    return [parameter for part in parts for parameter in part.parameters() if parameter.requires_grad]


def lora_weights(part: Any) -> dict[str, Tensor]:
    """A part's LoRA by diffusers' names, its scale folded in: `B @ A` is the update itself.

    So the file needs no alpha beside it, about which loaders disagree.
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
    """Writes the LoRA as diffusers does, fp16 safetensors.

    Returns:
        Bytes of the file.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    text = lora_weights(text_encoder) if trainable(text_encoder) else {}
    # Whatever this transformers calls them, files name CLIP's layers by `text_model`; loaders expect it.
    text = {f"text_model.{name.removeprefix('text_model.')}": value for name, value in text.items()}
    StableDiffusionPipeline.save_lora_weights(
        file.parent,
        unet_lora_layers=lora_weights(unet),
        text_encoder_lora_layers=text or None,
        weight_name=file.name,
    )
    file.chmod(0o644)
    return file.stat().st_size


def _config(recipe: Recipe, rank: int, targets: list[str]) -> LoraConfig:
    alpha = recipe.alpha if recipe.alpha is not None else rank
    return LoraConfig(
        r=rank,
        lora_alpha=alpha,
        lora_dropout=recipe.dropout,
        target_modules=targets,
        init_lora_weights="gaussian",
    )


def _attentive(unet: Any) -> bool:
    """Whether there is attention at half of the network's levels or more, as in Stable Diffusion."""
    levels = unet.config.down_block_types
    return 2 * sum("Attn" in kind for kind in levels) >= len(levels)
