"""Initial weights with which UNet and ControlNet return the condition unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

CONTRAST = 4.0
"""Pictures in [0, 1] have a standard deviation of about 1/4; multiplied by this, networks get one of about 1."""
OTHER_SHARE = 0.2
"""By which torch's own initial weights are multiplied wherever they are not part of the identity path."""
NOISE_SHARE = 0.05
"""The same for the layers that take in the noise: at the noisiest timestep it shows nothing of the picture."""
ANCHOR = 8.0
"""Value of the channels that are held constant; large beside the picture's, so that they decide each group's
deviation."""
SILU_OFFSET = 3.0
"""Added before the last SiLU: silu(3 + x) is nearly a straight line for x of about 1."""


@torch.no_grad()
def init_identity_path(unet: Any, net: Any) -> None:
    """Initialises a UNet and its ControlNet, in place, so that they output the condition.

    With torch's own initial weights, each of the six convolutions of the condition keeps a third of the picture's
    contrast: the network sees mostly its biases, and after thousands of steps still cannot tell orange from yellow.
    Here the condition starts as an exact pixel-unshuffle. SiLU would bend the values that pass, but silu(x) -
    silu(-x) = x: each value is carried as a pair of opposite signs and comes out unchanged. The first skip
    connection and its shortcut start as the identity.

    The last group normalisation would remove each group's mean and deviation, and with them the picture's
    brightness and contrast. So two channels of each group are held constant, at `ANCHOR` and -`ANCHOR`. After the
    normalisation their mean tells the group's mean; and as they are much larger than the picture, the deviation
    hardly depends on it. The last convolution starts as the picture's channel minus the mean of its group's two
    constant ones.
    """
    width, latent = unet.config.block_out_channels[0], unet.config.out_channels
    channels = Channels(width, latent, unet.config.norm_num_groups)
    _init_condition_embedding(net.controlnet_cond_embedding, channels)
    unet.conv_in.weight.mul_(NOISE_SHARE)
    net.conv_in.weight.mul_(NOISE_SHARE)
    first = net.controlnet_down_blocks[0]
    first.weight.copy_(torch.eye(width)[..., None, None])
    nn.init.zeros_(first.bias)
    last = unet.up_blocks[-1].resnets[-1]
    last.conv_shortcut.weight.mul_(OTHER_SHARE)
    last.conv_shortcut.weight[:, -width:].copy_(torch.eye(width)[..., None, None])
    last.conv2.weight.mul_(OTHER_SHARE)
    _init_output(unet, last.conv_shortcut.bias, channels)


class Channels:
    """Which of the first level's channels carry the picture, and which are held constant; the others are free.

    Attributes:
        groups: the channels of each normalisation group.
        anchors: for each group, its two constant channels.
        picture: the channel of each latent channel.
        deviation: standard deviation of a group.
    """

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


def _init_condition_embedding(embedding: Any, into: Channels) -> None:
    """The embedding as a pixel-unshuffle: each layer takes a stride's pixels apart into channels of their own."""
    _init_paired_outputs(embedding.conv_in, _unshuffle_kernels(3, stride=1), paired_input=False)
    channels = 3
    for layer in embedding.blocks:
        _init_paired_outputs(layer, _unshuffle_kernels(channels, layer.stride[0]), paired_input=True)
        channels *= layer.stride[0] ** 2
    _set_kernels(embedding.conv_out, _read_pairs(_unshuffle_kernels(channels, stride=1)), into.picture)
    embedding.conv_in.weight.mul_(CONTRAST)
    embedding.conv_in.bias.copy_(-0.5 * embedding.conv_in.weight.sum(dim=(1, 2, 3)))


def _init_output(unet: Any, bias: Tensor, channels: Channels) -> None:
    """Constant channels through `bias` of the last block, and a last convolution that returns the picture."""
    nn.init.zeros_(bias)
    for anchors in channels.anchors:
        bias[list(anchors)] = torch.tensor([ANCHOR, -ANCHOR])
    nn.init.constant_(unet.conv_norm_out.bias, SILU_OFFSET)
    out = unet.conv_out
    out.weight.mul_(NOISE_SHARE)
    nn.init.zeros_(out.bias)
    gain = 2 / CONTRAST * channels.deviation / _silu_slope(SILU_OFFSET)
    for latent, channel in enumerate(channels.picture):
        own = list(channels.anchors[channel // len(channels.groups[0])])
        out.weight[latent, :, 1, 1] = 0
        out.weight[latent, channel, 1, 1] = gain
        out.weight[latent, own, 1, 1] = -gain / len(own)


def _silu_slope(x: float) -> float:
    at = torch.tensor(x, requires_grad=True)
    with torch.enable_grad():
        functional.silu(at).backward()
    assert at.grad is not None
    return float(at.grad)


def _unshuffle_kernels(channels: int, stride: int) -> Tensor:
    """Kernels (channels * stride^2, channels, 3, 3), each of which picks one pixel of a stride's patch."""
    kernels = torch.zeros(channels * stride**2, channels, 3, 3)
    out = 0
    for channel in range(channels):
        for dy in range(stride):
            for dx in range(stride):
                kernels[out, channel, 1 + dy, 1 + dx] = 1
                out += 1
    return kernels


def _init_paired_outputs(layer: nn.Conv2d, kernels: Tensor, paired_input: bool) -> None:
    """Sets `layer` to output each value and its opposite, side by side in its first channels."""
    if paired_input:
        kernels = _read_pairs(kernels)
    both = torch.stack([kernels, -kernels], dim=1).flatten(0, 1)
    _set_kernels(layer, both, range(len(both)))


def _read_pairs(kernels: Tensor) -> Tensor:
    """The same kernels for an input of pairs: each value is read as the difference of the pair's halves."""
    return torch.stack([kernels, -kernels], dim=2).flatten(1, 2)


def _set_kernels(layer: nn.Conv2d, kernels: Tensor, channels: Sequence[int]) -> None:
    """Puts kernels into the output `channels` of a layer; its other weights become small, its bias zero."""
    outputs, inputs = kernels.shape[:2]
    if max(channels) >= layer.out_channels or inputs > layer.in_channels:
        raise ValueError(
            f"The identity path needs {inputs} channels in and {outputs} out; "
            f"the layer has {layer.in_channels} and {layer.out_channels}."
        )
    layer.weight.mul_(OTHER_SHARE)
    layer.weight[list(channels), :inputs] = kernels
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
