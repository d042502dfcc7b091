"""Narrow random IP-Adapters in the layout of the published files, with the image encoder beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

PATCH_WIDTH, PICTURE_WIDTH, TOKENS, INNER = 32, 24, 4, 64


def write_ip_adapter(unet: Any, file: Path, kind: str = "plain") -> Path:
    """An adapter for a UNet: `plain` takes what is said of a picture, `plus` of its patches."""
    torch.manual_seed(11)
    words = int(unet.config.cross_attention_dim)
    weights = {f"image_proj.{name}": value for name, value in projection(kind, words).items()}
    crosses = [name for name in unet.attn_processors if not name.endswith("attn1.processor")]
    for number, name in enumerate(crosses):
        width = unet.get_submodule(name.removesuffix(".processor")).to_k.weight.shape[0]
        for role in ("k", "v"):
            weights[f"ip_adapter.{2 * number + 1}.to_{role}_ip.weight"] = torch.randn(width, words)
    save_file(weights, file)
    if not (file.parent / "image_encoder").exists():
        write_image_encoder(file.parent / "image_encoder")
    return file


def write_image_encoder(folder: Path, picture_width: int = PICTURE_WIDTH) -> None:
    CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            hidden_size=PATCH_WIDTH, projection_dim=picture_width, intermediate_size=32, num_hidden_layers=2,
            num_attention_heads=2, image_size=32, patch_size=8,
        )
    ).save_pretrained(folder)  # fmt: skip


def projection(kind: str, words: int) -> dict[str, Tensor]:
    if kind == "plain":
        return {
            "proj.weight": torch.randn(4 * words, PICTURE_WIDTH), "proj.bias": torch.randn(4 * words),
            "norm.weight": torch.ones(words), "norm.bias": torch.zeros(words),
        }  # fmt: skip
    found = {
        "latents": torch.randn(1, TOKENS, INNER), "proj_in.weight": torch.randn(INNER, PATCH_WIDTH),
        "proj_in.bias": torch.zeros(INNER), "proj_out.weight": torch.randn(words, INNER) / 8,
        "proj_out.bias": torch.zeros(words), "norm_out.weight": torch.ones(words),
        "norm_out.bias": torch.zeros(words),
    }  # fmt: skip
    for layer in range(4):
        for norm in ("0.norm1", "0.norm2", "1.0"):
            found |= {
                f"layers.{layer}.{norm}.weight": torch.ones(INNER),
                f"layers.{layer}.{norm}.bias": torch.zeros(INNER),
            }
        for name, rows, columns in (
            ("0.to_q", 64, INNER), ("0.to_kv", 128, INNER), ("0.to_out", INNER, 64),
            ("1.1", 4 * INNER, INNER), ("1.3", INNER, 4 * INNER),
        ):  # fmt: skip
            found[f"layers.{layer}.{name}.weight"] = torch.randn(rows, columns) / 8
    return found
