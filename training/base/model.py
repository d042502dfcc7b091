"""The parts of the bundled checkpoint, before training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from diffusers import ControlNetModel, UNet2DConditionModel
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel


@dataclass(frozen=True)
class Architecture:
    """The sizes of the networks. `latent_channels` is 3 times the square of `patch`."""

    patch: int = 4
    channels: tuple[int, ...] = (48, 80, 160)
    layers: int = 1
    text_width: int = 64
    text_layers: int = 2
    vocabulary: int = 570
    tokens: int = 32
    condition_channels: tuple[int, ...] = (8, 32, 64)

    @property
    def latent_channels(self) -> int:
        return 3 * self.patch**2


def build_unet(shape: Architecture) -> UNet2DConditionModel:
    """A small UNet: attention, to itself and to the prompt, at the lowest level only."""
    depth = len(shape.channels)
    return UNet2DConditionModel(
        sample_size=96,
        in_channels=shape.latent_channels,
        out_channels=shape.latent_channels,
        block_out_channels=shape.channels,
        down_block_types=("DownBlock2D",) * (depth - 1) + ("CrossAttnDownBlock2D",),
        up_block_types=("CrossAttnUpBlock2D",) + ("UpBlock2D",) * (depth - 1),
        layers_per_block=shape.layers,
        cross_attention_dim=shape.text_width,
        attention_head_dim=shape.channels[-1] // 32,
        norm_num_groups=16,
    )


def build_controlnet(unet: UNet2DConditionModel, shape: Architecture) -> ControlNetModel:
    """A ControlNet on the UNet's own encoder.

    ControlNets start silent beside a finished UNet; here both learn together, so the convolutions that
    carry the condition start like any other instead of at zero.
    """
    net = ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=shape.condition_channels)
    for carrier in [*net.controlnet_down_blocks, net.controlnet_mid_block]:
        carrier.reset_parameters()
    _let_the_picture_through(net.controlnet_cond_embedding)
    return net


SILU_GAIN = 1.68
"""Keeps the variance of normal values through SiLU."""
CONTRAST = 4.0
"""Pictures in [0, 1] have a deviation of about a quarter."""


@torch.no_grad()
def _let_the_picture_through(embedding: Any) -> None:
    """Starts the condition's convolutions so that what comes out varies as much as what goes in.

    By torch's own start each of these layers keeps a third of the picture's contrast: after six of them
    the network sees its biases, and after thousands of steps it still cannot tell orange from yellow.
    """
    for layer in [embedding.conv_in, *embedding.blocks, embedding.conv_out]:
        fan_in = layer.weight[0].numel()
        nn.init.normal_(layer.weight, std=SILU_GAIN / fan_in**0.5)
        nn.init.zeros_(layer.bias)
    first = embedding.conv_in
    first.weight.mul_(CONTRAST / SILU_GAIN)
    first.bias.copy_(-0.5 * first.weight.sum(dim=(1, 2, 3)))


def build_text_encoder(shape: Architecture) -> CLIPTextModel:
    """A two-layer CLIP text encoder: enough to tell a few dozen words apart."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=shape.vocabulary,
            hidden_size=shape.text_width,
            intermediate_size=2 * shape.text_width,
            num_hidden_layers=shape.text_layers,
            num_attention_heads=2,
            max_position_embeddings=shape.tokens,
            projection_dim=shape.text_width,
            bos_token_id=shape.vocabulary - 2,
            eos_token_id=shape.vocabulary - 1,
        )
    )


def parameters(*parts: nn.Module) -> int:
    """How many numbers the parts hold together."""
    return sum(p.numel() for part in parts for p in part.parameters())
