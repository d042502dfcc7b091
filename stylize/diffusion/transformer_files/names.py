"""From the names that a family's first code gave its weights to those of diffusers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

Weights = dict[str, Any]
PREFIXES = ("model.diffusion_model.", "diffusion_model.", "transformer.", "model.")
"""What may stand before every name of a transformer: web UIs' and other programs' own."""

FLUX_ENDS = {
    "time_in.in_layer": "time_text_embed.timestep_embedder.linear_1",
    "time_in.out_layer": "time_text_embed.timestep_embedder.linear_2",
    "vector_in.in_layer": "time_text_embed.text_embedder.linear_1",
    "vector_in.out_layer": "time_text_embed.text_embedder.linear_2",
    "guidance_in.in_layer": "time_text_embed.guidance_embedder.linear_1",
    "guidance_in.out_layer": "time_text_embed.guidance_embedder.linear_2",
    "txt_in": "context_embedder",
    "img_in": "x_embedder",
    "final_layer.linear": "proj_out",
}
FLUX_DOUBLE = {
    "img_mod.lin": "norm1.linear",
    "txt_mod.lin": "norm1_context.linear",
    "img_attn.norm.query_norm": "attn.norm_q",
    "img_attn.norm.key_norm": "attn.norm_k",
    "txt_attn.norm.query_norm": "attn.norm_added_q",
    "txt_attn.norm.key_norm": "attn.norm_added_k",
    "img_mlp.0": "ff.net.0.proj",
    "img_mlp.2": "ff.net.2",
    "txt_mlp.0": "ff_context.net.0.proj",
    "txt_mlp.2": "ff_context.net.2",
    "img_attn.proj": "attn.to_out.0",
    "txt_attn.proj": "attn.to_add_out",
}
FLUX_THREE = {
    "img_attn.qkv": ("attn.to_q", "attn.to_k", "attn.to_v"),
    "txt_attn.qkv": ("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj"),
}
FLUX_SINGLE = {
    "modulation.lin": "norm.linear",
    "norm.query_norm": "attn.norm_q",
    "norm.key_norm": "attn.norm_k",
    "linear2": "proj_out",
}
FLUX_FOUR = ("attn.to_q", "attn.to_k", "attn.to_v", "proj_mlp")


def without_prefix(names: list[str], marks: tuple[str, ...]) -> dict[str, str]:
    """The transformer's own weights in a file: their names there, by their names without a program's prefix.

    A file that holds a text encoder and an autoencoder as well is read for its transformer alone.

    Args:
        marks: beginnings of names that a transformer of the family has.
    """
    for prefix in ("", *PREFIXES):
        if any(name.startswith(tuple(f"{prefix}{mark}" for mark in marks)) for name in names):
            return {name[len(prefix) :]: name for name in names if name.startswith(prefix)}
    return {}


def from_flux(weights: Mapping[str, Any]) -> Weights:
    """Flux.1 and Kontext. Source: black-forest-labs/flux, model.py and layers.py."""
    found: Weights = {}
    for name, value in weights.items():
        module, _, kind = name.rpartition(".")
        kind = "weight" if kind == "scale" else kind
        block = re.fullmatch(r"(double|single)_blocks\.(\d+)\.(.+)", module)
        if module == "final_layer.adaLN_modulation.1":  # shift and scale are the other way round
            found[f"norm_out.linear.{kind}"] = value.roll(len(value) // 2, 0)
        elif block is None:
            found[f"{FLUX_ENDS.get(module, module)}.{kind}"] = value
        elif block[1] == "double":
            place, inner = f"transformer_blocks.{block[2]}", block[3]
            if inner in FLUX_THREE:
                for own, part in zip(FLUX_THREE[inner], value.chunk(3, dim=0), strict=True):
                    found[f"{place}.{own}.{kind}"] = part
            else:
                found[f"{place}.{FLUX_DOUBLE.get(inner, inner)}.{kind}"] = value
        elif block[3] == "linear1":
            place, width = f"single_transformer_blocks.{block[2]}", _width(weights, block[2])
            parts = value.split((width, width, width, value.shape[0] - 3 * width), dim=0)
            for own, part in zip(FLUX_FOUR, parts, strict=True):
                found[f"{place}.{own}.{kind}"] = part
        else:
            inner = FLUX_SINGLE.get(block[3], block[3])
            found[f"single_transformer_blocks.{block[2]}.{inner}.{kind}"] = value
    return found


def _width(weights: Mapping[str, Any], block: str) -> int:
    """The width of a transformer, which the second matrix of a block gives back."""
    return int(weights[f"single_blocks.{block}.linear2.weight"].shape[0])


def _by_diffusers(function: str) -> Callable[[Mapping[str, Any]], Weights]:
    def convert(weights: Mapping[str, Any]) -> Weights:
        from diffusers.loaders import single_file_utils

        return dict(getattr(single_file_utils, function)(checkpoint=dict(weights)))

    return convert


def _as_it_is(weights: Mapping[str, Any]) -> Weights:
    return dict(weights)


FLUX_MARKS = ("double_blocks.", "transformer_blocks.")
CONVERSIONS: Mapping[str, tuple[tuple[str, ...], str, Callable[[Mapping[str, Any]], Weights]]] = {
    "flux": (FLUX_MARKS, "double_blocks.0.img_mod.lin.weight", from_flux),
    "kontext": (FLUX_MARKS, "double_blocks.0.img_mod.lin.weight", from_flux),
    "flux2-klein": (
        FLUX_MARKS,
        "double_stream_modulation_img.lin.weight",
        _by_diffusers("convert_flux2_transformer_checkpoint_to_diffusers"),
    ),
    "qwen-image": (("transformer_blocks.",), "", _as_it_is),
    "qwen-edit": (("transformer_blocks.",), "", _as_it_is),
    "qwen-edit-plus": (("transformer_blocks.",), "", _as_it_is),
    "z-image": (
        ("noise_refiner.", "cap_embedder."),
        "layers.0.attention.qkv.weight",
        _by_diffusers("convert_z_image_transformer_checkpoint_to_diffusers"),
    ),
    "ltx": (
        ("transformer_blocks.",),
        "patchify_proj.weight",
        _by_diffusers("convert_ltx_transformer_checkpoint_to_diffusers"),
    ),
    "wan": (
        ("blocks.",),
        "blocks.0.self_attn.q.weight",
        _by_diffusers("convert_wan_transformer_to_diffusers"),
    ),
    "wan-vace": (
        ("blocks.", "vace_blocks."),
        "blocks.0.self_attn.q.weight",
        _by_diffusers("convert_wan_transformer_to_diffusers"),
    ),
}
"""For a family: how its transformer's names begin, a name that only its first code has (else they are diffusers'
already), and how those names are turned into diffusers'."""


def to_diffusers(family: str, weights: Mapping[str, Tensor]) -> Weights:
    """Weights by diffusers' names; those that are diffusers' already stay as they are."""
    _, first_code, convert = CONVERSIONS[family]
    return convert(weights) if first_code in weights else dict(weights)
