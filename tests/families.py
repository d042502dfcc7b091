"""Narrow random checkpoints of the families, in the file formats that people have: folders and single files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    ControlNetModel,
    ControlNetUnionModel,
    DDIMScheduler,
    EulerDiscreteScheduler,
    PNDMScheduler,
    UNet2DConditionModel,
)
from safetensors.torch import save_file
from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from stylize.diffusion.single_file.tokenizer import WORDS, clip_tokenizer

NOISE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}
CLASSES = {
    "sd1": "StableDiffusionPipeline",
    "sd2": "StableDiffusionPipeline",
    "sdxl": "StableDiffusionXLPipeline",
}


def make_parts(family: str, **unet_changes: Any) -> dict[str, Any]:
    """The parts of a narrow checkpoint with the shape of its family; weights from a fixed seed."""
    torch.manual_seed(sum(map(ord, family)))
    xl = family == "sdxl"
    widths = (32, 32, 64) if xl else (32, 32, 64, 64)
    shape: dict[str, Any] = {
        "sample_size": 16, "block_out_channels": widths, "layers_per_block": 1,
        "attention_head_dim": 8 if family == "sd1" else (1,) * len(widths),
        "cross_attention_dim": 64 + 32 if xl else 64,
        "use_linear_projection": family != "sd1",
    }  # fmt: skip
    if xl:
        shape |= {
            "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            "transformer_layers_per_block": (1, 2, 3),
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": 6 * 256 + 48,
        }
    parts: dict[str, Any] = {"unet": UNet2DConditionModel(**(shape | unet_changes))}
    parts["vae"] = AutoencoderKL(
        block_out_channels=(32,) * 4,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        scaling_factor=0.13025 if xl else 0.18215,
        force_upcast=xl,
    )
    first = make_text(64, "gelu" if family == "sd2" else "quick_gelu", 64)
    parts["text_encoder"], parts["tokenizer"] = CLIPTextModel(first), clip_tokenizer(family == "sd2")
    if xl:
        parts["text_encoder_2"] = CLIPTextModelWithProjection(make_text(32, "gelu", 48))
        parts["tokenizer_2"] = clip_tokenizer(True)
    parts["scheduler"] = {
        "sd1": lambda: PNDMScheduler(skip_prk_steps=True, **NOISE),
        "sd2": lambda: DDIMScheduler(
            clip_sample=False, set_alpha_to_one=False, prediction_type="v_prediction", **NOISE
        ),
        "sdxl": lambda: EulerDiscreteScheduler(timestep_spacing="leading", **NOISE),
    }[family]()
    return parts


def make_text(width: int, activation: str, projection: int) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=WORDS, hidden_size=width, intermediate_size=2 * width, num_hidden_layers=3,
        num_attention_heads=max(1, width // 64), max_position_embeddings=77, hidden_act=activation,
        projection_dim=projection, bos_token_id=WORDS - 2, eos_token_id=WORDS - 1,
    )  # fmt: skip


def make_controlnet(unet: UNet2DConditionModel, union: bool = False, kinds: int = 8) -> Any:
    """A ControlNet of the UNet's shape whose outputs are not silent."""
    torch.manual_seed(7)
    if union:
        width = unet.config.block_out_channels[0]
        names = ("addition_embed_type", "addition_time_embed_dim", "projection_class_embeddings_input_dim",
                 "down_block_types", "block_out_channels", "layers_per_block", "cross_attention_dim",
                 "attention_head_dim", "use_linear_projection", "transformer_layers_per_block")  # fmt: skip
        shape = {name: unet.config[name] for name in names}
        net: Any = ControlNetUnionModel(
            num_control_type=kinds, num_trans_channel=width, num_proj_channel=width, **shape
        )
    else:
        net = ControlNetModel.from_unet(unet)
    for carrier in [*net.controlnet_down_blocks, net.controlnet_mid_block]:
        carrier.reset_parameters()
    return net


def write_folder(parts: dict[str, Any], family: str, folder: Path, variant: str | None = None) -> Path:
    """A diffusers folder."""
    index: dict[str, Any] = {"_class_name": CLASSES[family], "safety_checker": [None, None]}
    for name, part in parts.items():
        part.save_pretrained(
            folder / name, **({"variant": variant} if variant and "_proj" not in name else {})
        )
        library = "transformers" if name.startswith(("text", "token")) else "diffusers"
        index[name] = [library, type(part).__name__]
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def write_single_file(
    parts: dict[str, Any],
    family: str,
    file: Path,
    marks: tuple[str, ...] = (),
    metadata: dict[str, str] | None = None,
) -> Path:
    """One file with the names of the first Stable Diffusion code, as model sites offer it."""
    weights = {f"model.diffusion_model.{name}": value for name, value in unet_in_ldm(parts["unet"]).items()}
    weights |= {f"first_stage_model.{name}": value for name, value in vae_in_ldm(parts["vae"]).items()}
    encoders = [parts["text_encoder"], *([parts["text_encoder_2"]] if "text_encoder_2" in parts else [])]
    if family == "sd1":
        weights |= text_in_ldm(encoders[0], "cond_stage_model.transformer.")
    elif family == "sd2":
        weights |= open_clip_in_ldm(encoders[0], "cond_stage_model.model.", more_layers=1)
    else:
        weights |= text_in_ldm(encoders[0], "conditioner.embedders.0.transformer.")
        weights |= open_clip_in_ldm(encoders[1], "conditioner.embedders.1.model.")
    weights |= {mark: torch.zeros(0) for mark in marks}
    save_file({name: value.detach().clone().contiguous() for name, value in weights.items()}, file, metadata)
    return file


def unet_in_ldm(network: Any) -> dict[str, Tensor]:
    """A UNet's or ControlNet's weights by the names of the first code, written down block by block."""
    names: dict[str, str] = {
        "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
        "add_embedding.linear_1": "label_emb.0.0", "add_embedding.linear_2": "label_emb.0.2",
        "conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2",
        "mid_block.resnets.0": "middle_block.0", "mid_block.attentions.0": "middle_block.1",
        "mid_block.resnets.1": "middle_block.2", "controlnet_mid_block": "middle_block_out.0",
        "controlnet_cond_embedding.conv_in": "input_hint_block.0",
        "controlnet_cond_embedding.conv_out": "input_hint_block.14",
    }  # fmt: skip
    names |= {f"controlnet_cond_embedding.blocks.{n}": f"input_hint_block.{2 * n + 2}" for n in range(6)}
    names |= {f"controlnet_down_blocks.{n}": f"zero_convs.{n}.0" for n in range(16)}
    count = 1
    for level, block in enumerate(network.down_blocks):
        for layer in range(len(block.resnets)):
            names[f"down_blocks.{level}.resnets.{layer}"] = f"input_blocks.{count}.0"
            names[f"down_blocks.{level}.attentions.{layer}"] = f"input_blocks.{count}.1"
            count += 1
        names[f"down_blocks.{level}.downsamplers.0.conv"] = f"input_blocks.{count}.0.op"
        count += 1
    count = 0
    for level, block in enumerate(getattr(network, "up_blocks", [])):
        for layer in range(len(block.resnets)):
            names[f"up_blocks.{level}.resnets.{layer}"] = f"output_blocks.{count}.0"
            names[f"up_blocks.{level}.attentions.{layer}"] = f"output_blocks.{count}.1"
            count += 1
        slot = 2 if getattr(block, "attentions", None) else 1
        names[f"up_blocks.{level}.upsamplers.0.conv"] = f"output_blocks.{count - 1}.{slot}.conv"
    inner = {"norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1",
             "norm2": "out_layers.0", "conv2": "out_layers.3", "conv_shortcut": "skip_connection"}  # fmt: skip
    weights = {}
    for name, value in network.state_dict().items():
        own = max((each for each in names if name.startswith(f"{each}.")), key=len, default="")
        rest = name[len(own) + 1 :] if own else name
        if ".resnets." in name:
            kind, _, end = rest.partition(".")
            rest = f"{inner[kind]}.{end}"
        weights[f"{names[own]}.{rest}" if own else rest] = value
    return weights


def vae_in_ldm(vae: Any) -> dict[str, Tensor]:
    inner = {"conv_shortcut": "nin_shortcut", "group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v",
             "to_out.0": "proj_out", "conv_norm_out": "norm_out"}  # fmt: skip
    weights, levels = {}, len(vae.config.block_out_channels)
    for name, value in vae.state_dict().items():
        for own, ldm in inner.items():
            name = name.replace(f"{own}.", f"{ldm}.")
        for level in range(levels):
            name = name.replace(f"down_blocks.{level}.resnets", f"down.{level}.block")
            name = name.replace(f"down_blocks.{level}.downsamplers.0", f"down.{level}.downsample")
            name = name.replace(f"up_blocks.{level}.resnets", f"up.{levels - 1 - level}.block")
            name = name.replace(f"up_blocks.{level}.upsamplers.0", f"up.{levels - 1 - level}.upsample")
        name = name.replace("mid_block.attentions.0", "mid.attn_1")
        name = name.replace("mid_block.resnets.0", "mid.block_1").replace(
            "mid_block.resnets.1", "mid.block_2"
        )
        linear = ".attn_1." in name and value.dim() == 2
        weights[name] = value[:, :, None, None] if linear else value
    return weights


def text_in_ldm(encoder: Any, prefix: str) -> dict[str, Tensor]:
    return {
        f"{prefix}text_model.{name.removeprefix('text_model.')}": value
        for name, value in encoder.state_dict().items()
    }


def open_clip_in_ldm(encoder: Any, prefix: str, more_layers: int = 0) -> dict[str, Tensor]:
    """Query, key and value as one, the projection the other way; Stable Diffusion 2.x's file has a layer more."""
    plain = {name.removeprefix("text_model."): value for name, value in encoder.state_dict().items()}
    weights = {
        "token_embedding.weight": plain["embeddings.token_embedding.weight"],
        "positional_embedding": plain["embeddings.position_embedding.weight"],
        "ln_final.weight": plain["final_layer_norm.weight"],
        "ln_final.bias": plain["final_layer_norm.bias"],
    }
    if "text_projection.weight" in plain:
        weights["text_projection"] = plain["text_projection.weight"].T
    layers = encoder.config.num_hidden_layers
    for layer in range(layers + more_layers):
        old, new = f"encoder.layers.{min(layer, layers - 1)}", f"transformer.resblocks.{layer}"
        for kind in ("weight", "bias"):
            three = [plain[f"{old}.self_attn.{each}_proj.{kind}"] for each in "qkv"]
            weights[f"{new}.attn.in_proj_{kind}"] = torch.cat(three)
            weights[f"{new}.attn.out_proj.{kind}"] = plain[f"{old}.self_attn.out_proj.{kind}"]
            weights[f"{new}.mlp.c_fc.{kind}"] = plain[f"{old}.mlp.fc1.{kind}"]
            weights[f"{new}.mlp.c_proj.{kind}"] = plain[f"{old}.mlp.fc2.{kind}"]
            weights[f"{new}.ln_1.{kind}"] = plain[f"{old}.layer_norm1.{kind}"]
            weights[f"{new}.ln_2.{kind}"] = plain[f"{old}.layer_norm2.{kind}"]
    return {f"{prefix}{name}": value for name, value in weights.items()}
