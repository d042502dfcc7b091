"""Networks rewritten for compiled runtimes: the same numbers, from operations that they fuse."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

LARGEST = 8
"""Of these squares: larger ones gain nothing."""


class AffineNorm(nn.Module):
    """Group normalization as one scale and one shift a channel: y = a x + b.

    The usual form reshapes every picture into groups, which turns channels-last pictures over and back again. Here
    only the channels' means are regrouped; what is left is a multiplication and an addition that a compiler fuses
    with the activation after it, so that in int8 one pass is left between two convolutions.

    Source: Wu and He, "Group Normalization", ECCV 2018.
    """

    def __init__(self, norm: nn.GroupNorm) -> None:
        super().__init__()
        self.eps, self.groups, self.size = norm.eps, norm.num_groups, norm.num_channels // norm.num_groups
        self.weight, self.bias = norm.weight, norm.bias
        self.window = 1
        """Sides of the squares, px, that are averaged first, and that must tile the picture: pooling takes a sixth
        of the time that a mean over all takes."""

    def forward(self, picture: Tensor) -> Tensor:
        """(N, C, ...) to the same shape."""
        groups, of_group = (-1, self.groups, self.size), (self.groups, self.size)
        mean = self._mean(picture).reshape(groups).mean(2, keepdim=True)
        square = self._mean(picture * picture).reshape(groups).mean(2, keepdim=True)
        spread = (square - mean * mean).clamp(min=0)
        scale = self.weight.reshape(of_group) * torch.rsqrt(spread + self.eps)
        shift = self.bias.reshape(of_group) - mean * scale
        channels = (-1, self.groups * self.size, *[1] * (picture.ndim - 2))
        return picture * scale.reshape(channels) + shift.reshape(channels)

    def _mean(self, picture: Tensor) -> Tensor:
        """(N, C, ...) to (N, C)."""
        if self.window > 1:
            picture = nn.functional.avg_pool2d(picture, self.window)
        return picture.mean(tuple(range(2, picture.ndim)))


def with_affine_norms(module: nn.Module) -> nn.Module:
    """Exchanges every affine GroupNorm inside a module; weights stay shared."""
    for name, child in module.named_children():
        if isinstance(child, nn.GroupNorm) and child.affine:
            setattr(module, name, AffineNorm(child))
        else:
            with_affine_norms(child)
    return module


@torch.no_grad()
def set_windows(module: nn.Module, smallest: tuple[Tensor, ...]) -> None:
    """Lets norms average in squares.

    Args:
        smallest: a call at the network's smallest size, the grid: every other is a multiple, and tiles as it does.
    """

    def note(norm: AffineNorm, inputs: tuple[Tensor, ...]) -> None:
        sides = inputs[0].shape[2:]
        if len(sides) == 2:
            norm.window = math.gcd(*sides, LARGEST)

    norms = [each for each in module.modules() if isinstance(each, AffineNorm)]
    watches = [norm.register_forward_pre_hook(note) for norm in norms]
    try:
        module(*smallest)
    finally:
        for watch in watches:
            watch.remove()
