"""The start of the weights: a straight passage for the picture from the condition to the drawing."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

CONTRAST = 4.0
"""Pictures in [0, 1] have a deviation of about a quarter; networks like their inputs to have one of about one."""
QUIET = 0.2
"""Share of torch's own start that everything beside the passage keeps."""


@torch.no_grad()
def let_the_picture_through(unet: Any, net: Any) -> None:
    """Starts a UNet and its ControlNet so that the condition's pixels arrive, patch by patch, where it draws.

    By torch's own start each of the condition's six convolutions keeps a third of the picture's contrast: the
    network sees its biases, and after thousands of steps still cannot tell orange from yellow. Here they start
    as an exact pixel-unshuffle. SiLU bends what passes, but silu(x) - silu(-x) = x: carried as pairs of opposite
    sign, values pass it unchanged. The first skip connection and its shortcut start as the identity. Training
    then begins from a network that nearly returns the photograph, and learns to change it.
    """
    embedding = net.controlnet_cond_embedding
    _carry_pairs(embedding.conv_in, _taps(3, stride=1), paired_input=False)
    channels = 3
    for layer in embedding.blocks:
        _carry_pairs(layer, _taps(channels, layer.stride[0]), paired_input=True)
        channels *= layer.stride[0] ** 2
    _carry(embedding.conv_out, _taps(channels, stride=1))
    embedding.conv_in.weight.mul_(CONTRAST)
    embedding.conv_in.bias.copy_(-0.5 * embedding.conv_in.weight.sum(dim=(1, 2, 3)))

    unet.conv_in.weight.mul_(QUIET)
    net.conv_in.weight.mul_(QUIET)
    width = unet.config.block_out_channels[0]
    first = net.controlnet_down_blocks[0]
    first.weight.copy_(torch.eye(width)[..., None, None])
    nn.init.zeros_(first.bias)
    last = unet.up_blocks[-1].resnets[-1]
    last.conv_shortcut.weight[:, -width:].copy_(torch.eye(width)[..., None, None])
    last.conv2.weight.mul_(QUIET)


def _taps(channels: int, stride: int) -> Tensor:
    """Kernels (channels * stride^2, channels, 3, 3), each of which picks one pixel of a stride's patch."""
    kernels = torch.zeros(channels * stride**2, channels, 3, 3)
    out = 0
    for channel in range(channels):
        for dy in range(stride):
            for dx in range(stride):
                kernels[out, channel, 1 + dy, 1 + dx] = 1
                out += 1
    return kernels


def _carry_pairs(layer: nn.Conv2d, kernels: Tensor, paired_input: bool) -> None:
    """Lets `layer` put out each value and its opposite, side by side in its first channels."""
    if paired_input:
        kernels = _of_pairs(kernels)
    both = torch.stack([kernels, -kernels], dim=1).flatten(0, 1)
    _place(layer, both)


def _carry(layer: nn.Conv2d, kernels: Tensor) -> None:
    _place(layer, _of_pairs(kernels))


def _of_pairs(kernels: Tensor) -> Tensor:
    """Kernels that read a value from a pair as the difference of its two halves."""
    return torch.stack([kernels, -kernels], dim=2).flatten(1, 2)


def _place(layer: nn.Conv2d, kernels: Tensor) -> None:
    outputs, inputs = kernels.shape[:2]
    if outputs > layer.out_channels or inputs > layer.in_channels:
        raise ValueError(
            f"The passage needs {inputs} channels in and {outputs} out; the layer has {layer.in_channels} and "
            f"{layer.out_channels}."
        )
    layer.weight.mul_(QUIET)
    layer.weight[:outputs, :inputs] = kernels
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
