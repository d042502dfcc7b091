"""The start of the weights: a straight passage for the picture from the condition to the drawing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

CONTRAST = 4.0
"""Pictures in [0, 1] have a deviation of about a quarter; networks like their inputs to have one of about one."""
QUIET = 0.2
"""Share of torch's own start that everything beside the passage keeps."""
HUSH = 0.05
"""The same for what brings in the noise: at the noisiest timestep it says nothing about the picture."""
ANCHOR = 8.0
"""Value of the channels that stay constant; large beside the picture's, so that they set each group's deviation."""
BENT = 3.0
"""Offset before the last SiLU: silu(3 + x) is nearly a straight line for x of about one."""


@torch.no_grad()
def init_identity_path(unet: Any, net: Any) -> None:
    """Starts a UNet and its ControlNet so that they return the condition, and learn from there to change it.

    By torch's own start each of the condition's six convolutions keeps a third of the picture's contrast: the
    network sees its biases, and after thousands of steps still cannot tell orange from yellow. Here the condition
    starts as an exact pixel-unshuffle; SiLU bends what passes, but silu(x) - silu(-x) = x: carried as pairs of
    opposite sign, values pass it unchanged. The first skip connection and its shortcut start as the identity.

    The last group normalisation would take each group's mean and deviation away, and with them the picture's
    brightness and contrast. So every group keeps two channels constant, at `ANCHOR` and its opposite: after
    the normalisation their mean tells the group's mean, and as they outweigh the picture its deviation hardly
    moves. The last convolution starts as the picture's channel less its group's anchors.
    """
    width, latent = unet.config.block_out_channels[0], unet.config.out_channels
    channels = Channels(width, latent, unet.config.norm_num_groups)
    _carry_the_condition(net.controlnet_cond_embedding, channels)
    unet.conv_in.weight.mul_(HUSH)
    net.conv_in.weight.mul_(HUSH)
    first = net.controlnet_down_blocks[0]
    first.weight.copy_(torch.eye(width)[..., None, None])
    nn.init.zeros_(first.bias)
    last = unet.up_blocks[-1].resnets[-1]
    last.conv_shortcut.weight.mul_(QUIET)
    last.conv_shortcut.weight[:, -width:].copy_(torch.eye(width)[..., None, None])
    last.conv2.weight.mul_(QUIET)
    _let_it_out(unet, last.conv_shortcut.bias, channels)


class Channels:
    """Which of the first level's channels carry the picture, which stay constant; the others are free to learn."""

    def __init__(self, width: int, latent: int, groups: int) -> None:
        if width % groups or latent % groups or (width - latent) // groups < 2:
            raise ValueError(
                f"{width} channels in {groups} groups cannot carry a picture of {latent} and two anchors a group."
            )
        each, of_picture = width // groups, latent // groups
        self.groups = [range(g * each, (g + 1) * each) for g in range(groups)]
        self.anchors = [group[of_picture : of_picture + 2] for group in self.groups]
        self.picture = [channel for group in self.groups for channel in group[:of_picture]]
        self.deviation = ((2 * ANCHOR**2 + of_picture) / each) ** 0.5


def _carry_the_condition(embedding: Any, into: Channels) -> None:
    _carry_pairs(embedding.conv_in, _taps(3, stride=1), paired_input=False)
    channels = 3
    for layer in embedding.blocks:
        _carry_pairs(layer, _taps(channels, layer.stride[0]), paired_input=True)
        channels *= layer.stride[0] ** 2
    _place(embedding.conv_out, _of_pairs(_taps(channels, stride=1)), into.picture)
    embedding.conv_in.weight.mul_(CONTRAST)
    embedding.conv_in.bias.copy_(-0.5 * embedding.conv_in.weight.sum(dim=(1, 2, 3)))


def _let_it_out(unet: Any, bias: Tensor, channels: Channels) -> None:
    nn.init.zeros_(bias)
    for anchors in channels.anchors:
        bias[list(anchors)] = torch.tensor([ANCHOR, -ANCHOR])
    nn.init.constant_(unet.conv_norm_out.bias, BENT)
    out = unet.conv_out
    out.weight.mul_(HUSH)
    nn.init.zeros_(out.bias)
    gain = 2 / CONTRAST * channels.deviation / _slope(BENT)
    for latent, channel in enumerate(channels.picture):
        own = list(channels.anchors[channel // len(channels.groups[0])])
        out.weight[latent, :, 1, 1] = 0
        out.weight[latent, channel, 1, 1] = gain
        out.weight[latent, own, 1, 1] = -gain / len(own)


def _slope(x: float) -> float:
    at = torch.tensor(x, requires_grad=True)
    with torch.enable_grad():
        functional.silu(at).backward()
    assert at.grad is not None
    return float(at.grad)


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
    _place(layer, both, range(len(both)))


def _of_pairs(kernels: Tensor) -> Tensor:
    """Kernels that read a value from a pair as the difference of its two halves."""
    return torch.stack([kernels, -kernels], dim=2).flatten(1, 2)


def _place(layer: nn.Conv2d, kernels: Tensor, channels: Sequence[int]) -> None:
    outputs, inputs = kernels.shape[:2]
    if max(channels) >= layer.out_channels or inputs > layer.in_channels:
        raise ValueError(
            f"The passage needs {inputs} channels in and {outputs} out; the layer has {layer.in_channels} and "
            f"{layer.out_channels}."
        )
    layer.weight.mul_(QUIET)
    layer.weight[list(channels), :inputs] = kernels
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
