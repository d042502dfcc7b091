"""Rewrites networks for compiled runtimes: the same results, from operations that they can fuse."""

from __future__ import annotations

import math
from typing import Any

import torch
from diffusers.models.resnet import ResnetBlock2D
from torch import Tensor, nn


class AffineNorm(nn.Module):
    """Group normalization as one scale and one shift for each channel: y = a x + b.

    The usual form reshapes every picture into groups, which transposes channels-last pictures twice. Here only the
    channels' means are regrouped; what is left is a multiplication and an addition that a compiler fuses with the
    activation after it, so that in int8 one pass is left between two convolutions.

    Source: Wu and He, "Group Normalization", ECCV 2018.
    """

    def __init__(self, norm: nn.GroupNorm) -> None:
        super().__init__()
        self.eps, self.groups, self.size = norm.eps, norm.num_groups, norm.num_channels // norm.num_groups
        self.weight, self.bias = norm.weight, norm.bias

    def forward(self, picture: Tensor, added: Tensor | None = None) -> Tensor:
        """(N, C, ...) to the same shape.

        Args:
            added: (N, C), added to every pixel before. It takes no pass over the pixels: only means and shifts
                change.
        """
        groups, of_group = (-1, self.groups, self.size), (self.groups, self.size)
        means, squares = _moments(picture)
        if added is not None:
            squares = squares + 2 * added * means + added * added
            means = means + added
        mean = means.reshape(groups).mean(2, keepdim=True)
        square = squares.reshape(groups).mean(2, keepdim=True)
        spread = (square - mean * mean).clamp(min=0)
        scale = self.weight.reshape(of_group) * torch.rsqrt(spread + self.eps)
        shift = self.bias.reshape(of_group) - mean * scale
        if added is not None:
            shift = shift + added.reshape(groups) * scale
        channels = (-1, self.groups * self.size, *[1] * (picture.ndim - 2))
        return picture * scale.reshape(channels) + shift.reshape(channels)


def _moments(picture: Tensor) -> tuple[Tensor, Tensor]:
    """A picture's (N, C, ...) means and mean squares, (N, C) each. The norm of a channel takes one pass; its
    squares would be written and read again."""
    pixels = tuple(range(2, picture.ndim))
    count = math.prod(picture.shape[2:])
    lengths = torch.linalg.vector_norm(picture, dim=pixels)
    return picture.mean(pixels), lengths * lengths / count


class Resnet(nn.Module):
    """diffusers' ResnetBlock2D, where the time's embedding is added inside the second norm."""

    def __init__(self, block: ResnetBlock2D) -> None:
        super().__init__()
        self.norm1, self.conv1, self.norm2, self.conv2 = block.norm1, block.conv1, block.norm2, block.conv2
        self.nonlinearity, self.time_emb_proj = block.nonlinearity, block.time_emb_proj
        self.conv_shortcut, self.output_scale_factor = block.conv_shortcut, block.output_scale_factor
        self.skip_time_act = block.skip_time_act

    def forward(self, picture: Tensor, temb: Tensor | None = None, *_: Any, **__: Any) -> Tensor:
        """(N, C, H, W) and (N, E) to (N, C', H, W)."""
        added = None
        if temb is not None and self.time_emb_proj is not None:
            added = self.time_emb_proj(temb if self.skip_time_act else self.nonlinearity(temb))
        hidden = self.conv1(self.nonlinearity(self.norm1(picture)))
        hidden = self.conv2(self.nonlinearity(self.norm2(hidden, added)))
        if self.conv_shortcut is not None:
            picture = self.conv_shortcut(picture)
        total = picture + hidden
        return total if self.output_scale_factor == 1 else total / self.output_scale_factor


def lay_out(module: nn.Module) -> nn.Module:
    """Replaces every affine GroupNorm inside a module, in place, and the blocks that can give it an embedding
    to add.

    The new modules share the old ones' weights, under the same names.
    """
    for name, child in module.named_children():
        if isinstance(child, nn.GroupNorm) and child.affine:
            setattr(module, name, AffineNorm(child))
            continue
        lay_out(child)
        if isinstance(child, ResnetBlock2D) and _is_plain(child):
            setattr(module, name, Resnet(child))
    return module


def _is_plain(block: ResnetBlock2D) -> bool:
    resizes = block.upsample is not None or block.downsample is not None
    return not resizes and block.time_embedding_norm == "default" and isinstance(block.norm2, AffineNorm)
