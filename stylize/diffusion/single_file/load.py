"""Builds the parts of a checkpoint, or a ControlNet, from one file; no network is needed, and no configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor, nn

from stylize.diffusion.families import Family, family_of_file
from stylize.diffusion.single_file import vae
from stylize.diffusion.single_file.header import Header, read_header
from stylize.diffusion.single_file.prediction import scheduler_config
from stylize.diffusion.single_file.scaled import check_scales, unscaled
from stylize.diffusion.single_file.text import text_config, text_weight
from stylize.diffusion.single_file.tokenizer import clip_tokenizer
from stylize.diffusion.single_file.unet_config import controlnet_config, unet_config
from stylize.diffusion.single_file.unet_names import layout_of
from stylize.diffusion.single_file.unet_names import to_ldm as unet_to_ldm
from stylize.errors import ModelError

UNET = "model.diffusion_model."
VAE = "first_stage_model."
Weights = dict[str, Tensor]


def load_parts(file: Path, dtype: torch.dtype) -> tuple[Family, dict[str, Any]]:
    """The family, and the parts by their names in diffusers: unet, vae, text encoders, tokenizers, scheduler.

    Raises:
        ModelError: the file is damaged, of another family, or no whole checkpoint.
    """
    import diffusers

    header = read_header(file)
    family = family_of_file(header.shapes, file)
    parts: dict[str, Any] = {
        "unet": load_unet(file, header, family, dtype),
        "vae": load_vae(file, family.vae_scale, family.vae_overflows, dtype, VAE),
    }
    for number, prefix in enumerate(family.text_prefixes):
        suffix = "" if number == 0 else f"_{number + 1}"
        parts[f"text_encoder{suffix}"] = _load_text(file, family, number, dtype)
        parts[f"tokenizer{suffix}"] = clip_tokenizer(pads_with_zero=prefix.endswith(".model."))
    name, config = scheduler_config(header, family, file)
    parts["scheduler"] = getattr(diffusers, name).from_config(config)
    return family, parts


def load_unet(file: Path, header: Header, family: Family, dtype: torch.dtype) -> Any:
    from diffusers import UNet2DConditionModel

    config = unet_config(_inner(header.shapes, UNET), family)
    with torch.device("meta"):
        unet = UNet2DConditionModel.from_config(config)
    weights = read_weights(file, UNET, dtype)
    layout = layout_of(name for name, _ in unet.named_parameters())
    return fill(unet, lambda name: weights.get(unet_to_ldm(name, layout)), dtype, file)


def load_vae(file: Path, scale: float, overflows: bool, dtype: torch.dtype, prefix: str = "") -> Any:
    """The autoencoder of a checkpoint, or one in a file of its own.

    Args:
        scale: what latents are multiplied by; no file says it.
        overflows: whether it leaves the range of fp16.
    """
    from diffusers import AutoencoderKL

    weights = read_weights(file, prefix)
    levels = vae.levels_of(weights)
    if levels == 0 or not any(name.startswith("decoder.") for name in weights):
        raise ModelError("This file holds no autoencoder that is known here.", where=file)
    weights = {vae.to_ldm(name, levels): value for name, value in weights.items()}
    shapes = {name: tuple(value.shape) for name, value in weights.items()}
    with torch.device("meta"):
        network = AutoencoderKL.from_config(vae.vae_config(shapes, scale, overflows))
    return fill(network, lambda name: weights.get(vae.to_ldm(name, levels)), dtype, file)


def load_tiny(file: Path, dtype: torch.dtype) -> Any:
    """TAESD or TAESDXL: one shape for both. Source: madebyollin/taesd."""
    from diffusers import AutoencoderTiny

    weights = read_weights(file, "")
    with torch.device("meta"):
        network = AutoencoderTiny()
    return fill(network, weights.get, dtype, file)


def load_controlnet_file(file: Path, family: Family, dtype: torch.dtype) -> Any:
    """A ControlNet, or a union of several, in either code's names.

    Raises:
        ModelError: the file is damaged, or no ControlNet.
    """
    from diffusers import ControlNetModel, ControlNetUnionModel

    header = read_header(file)
    prefix = "control_model." if any(name.startswith("control_model.") for name in header.shapes) else ""
    weights = read_weights(file, prefix)
    layout = layout_of(weights)
    if layout.layers:  # diffusers' names
        weights = {unet_to_ldm(name, layout): value for name, value in weights.items()}
    if "input_hint_block.0.weight" not in weights:
        raise ModelError("This file is no ControlNet that is known here.", where=file)
    shapes = {name: tuple(value.shape) for name, value in weights.items()}
    kind = ControlNetUnionModel if "task_embedding" in shapes else ControlNetModel
    with torch.device("meta"):
        network = kind.from_config(controlnet_config(shapes, family))
    layout = layout_of(name for name, _ in network.named_parameters())
    return fill(network, lambda name: weights.get(unet_to_ldm(name, layout)), dtype, file)


def read_weights(file: Path, prefix: str, dtype: torch.dtype = torch.float32) -> Weights:
    """The weights whose names begin with `prefix`, without it; but for scaled ones they are mapped, not yet read.

    Args:
        dtype: what scaled ones are rounded to.

    Raises:
        ModelError: they are packed in a way that is not read here.
    """
    check_scales(read_header(file), file)
    with safe_open(file, "pt") as opened:
        names = [name for name in opened.keys() if name.startswith(prefix)]  # noqa: SIM118
        return unscaled({name[len(prefix) :]: opened.get_tensor(name) for name in names}, dtype)


def fill(network: Any, weight_of: Callable[[str], Tensor | None], dtype: torch.dtype, file: Path) -> Any:
    """Puts weights into a network that was built without memory for them.

    Raises:
        ModelError: a weight is missing, or has another shape.
    """
    found: Weights = {}
    for name, own in network.state_dict().items():
        value = weight_of(name)
        if value is None or value.numel() != own.numel():
            told = "is missing" if value is None else f"has the shape {tuple(value.shape)}"
            raise ModelError(f"This checkpoint is incomplete or damaged: {name} {told}.", where=file)
        found[name] = value.reshape(own.shape).to(dtype, copy=True)
    network.load_state_dict(found, assign=True)
    for module in network.modules():
        _restore_positions(module)
    return network


def _restore_positions(module: nn.Module) -> None:
    """Positions are no weights: they are numbered, and in a network without memory they are missing."""
    positions = module._buffers.get("position_ids")
    if positions is not None and positions.is_meta:
        module.register_buffer("position_ids", torch.arange(positions.shape[-1])[None], persistent=False)


def _load_text(file: Path, family: Family, number: int, dtype: torch.dtype) -> Any:
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    weights = read_weights(file, family.text_prefixes[number], dtype)
    shapes = {name: tuple(value.shape) for name, value in weights.items()}
    config = CLIPTextConfig(**text_config(shapes, family.quick_gelu[number], skip_last=family.name == "sd2"))
    kind = CLIPTextModelWithProjection if number == 1 else CLIPTextModel
    with torch.device("meta"):
        network = kind(config)
    return fill(network, lambda name: text_weight(name, weights), dtype, file)


def _inner(shapes: Mapping[str, tuple[int, ...]], prefix: str) -> dict[str, tuple[int, ...]]:
    return {name[len(prefix) :]: shape for name, shape in shapes.items() if name.startswith(prefix)}
