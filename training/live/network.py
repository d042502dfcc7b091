"""The network of a live model: one call from picture to drawing, at any size.

The picture is folded into half-size planes, drawn on three scales, and unfolded again. On the way up a gate
decides for every pixel how much comes from the shallow features, which know where an edge runs, and how much
from the deep ones, which know what it belongs to. While it is trained a convolution has several branches; they
are linear, so they are summed into one kernel, and the exported network has plain convolutions only.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

SizeName = Literal["s", "m", "l"]
GRID = 8
"""The sides of a picture are multiples of this, px."""
SLOPE = 0.1
"""Of the activations below zero."""


@dataclass(frozen=True)
class Shape:
    """Channels at a half, a quarter and an eighth of the picture's size, and convolutions: at a quarter on the way
    down, at an eighth, and at a quarter and a half on the way up."""

    channels: tuple[int, int, int]
    down: int
    deep: int
    up: tuple[int, int]


SHAPES: dict[SizeName, Shape] = {
    "s": Shape((16, 24, 48), 1, 3, (1, 1)),
    "m": Shape((24, 32, 64), 2, 3, (2, 1)),
    "l": Shape((24, 40, 72), 2, 5, (2, 1)),
}


class BranchedConv(nn.Module):
    """A 3x3 convolution with further branches: 1x1, the input itself, and slopes and curvature of a 1x1.

    Source: Ding et al., "RepVGG", CVPR 2021; the edge branches after Zhang et al., "Edge-oriented Convolution Block
    for Real-time Super Resolution on Mobile Devices", ACM MM 2021.
    """

    filters: Tensor

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.stride = stride
        self.conv = nn.Conv2d(inputs, outputs, 3)
        nn.init.kaiming_normal_(self.conv.weight, a=SLOPE)
        nn.init.zeros_(self.conv.bias)
        self.point = nn.Parameter(torch.zeros(outputs, inputs))
        self.edges = nn.Parameter(0.1 * torch.randn(3, outputs, inputs) / inputs**0.5)
        self.edge_scales = nn.Parameter(0.1 * torch.ones(3, outputs, 1))
        across = torch.tensor([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]]) / 4
        curve = torch.tensor([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]]) / 4
        self.register_buffer("filters", torch.stack([across, across.T, curve]), persistent=False)
        self.keeps = inputs == outputs and stride == 1
        if self.keeps:
            # The input passes through beside the convolution: begin with a small one, as residual blocks do.
            nn.init.zeros_(self.edge_scales)
            self.conv.weight.data.mul_(0.4)

    def kernel(self) -> Tensor:
        """All branches as one kernel, (outputs, inputs, 3, 3)."""
        edges = torch.einsum("eoi,ehw->oihw", self.edges * self.edge_scales, self.filters)
        point = self.point
        if self.keeps:
            point = point + torch.eye(len(point), device=point.device, dtype=point.dtype)
        return self.conv.weight + edges + functional.pad(point[..., None, None], (1, 1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return functional.conv2d(x, self.kernel(), self.conv.bias, self.stride, padding=1)

    def plain(self) -> nn.Conv2d:
        """The same as one ordinary convolution."""
        outputs, inputs = self.conv.weight.shape[:2]
        conv = nn.Conv2d(inputs, outputs, 3, self.stride, padding=1)
        conv.weight.data.copy_(self.kernel().detach())
        assert conv.bias is not None
        assert self.conv.bias is not None
        conv.bias.data.copy_(self.conv.bias.detach())
        return conv


class Join(nn.Module):
    """Deep features brought to twice their size and joined with shallow ones: g * shallow + (1 - g) * deep, the
    gate g of every pixel and channel seen from both."""

    def __init__(self, deep: int, shallow: int) -> None:
        super().__init__()
        self.rise = nn.Conv2d(deep, 4 * shallow, 1)
        self.unfold = nn.PixelShuffle(2)
        # Two convolutions summed, where one could read both side by side: a copy of both would take longer.
        self.gate_shallow = nn.Conv2d(shallow, shallow, 1, bias=False)
        self.gate_risen = nn.Conv2d(shallow, shallow, 1)

    def forward(self, deep: Tensor, shallow: Tensor) -> Tensor:
        risen = self.unfold(self.rise(deep))
        gate = torch.sigmoid(self.gate_shallow(shallow) + self.gate_risen(risen))
        return risen + gate * (shallow - risen)


class LiveNetwork(nn.Module):
    """Draws pictures (N, 3, H, W) in [0, 1] whose sides are multiples of `GRID`; returns the same shape, not
    clipped."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        half, quarter, eighth = shape.channels
        self.fold = nn.PixelUnshuffle(2)
        self.first = _chain([12, half])
        self.to_quarter = _chain([half] + [quarter] * (1 + shape.down), stride=2)
        self.to_eighth = _chain([quarter] + [eighth] * (1 + shape.deep), stride=2)
        self.join_quarter = Join(eighth, quarter)
        self.at_quarter = _chain([quarter] * (1 + shape.up[0]))
        self.join_half = Join(quarter, half)
        self.at_half = _chain([half] * (1 + shape.up[1]))
        self.last: nn.Module = BranchedConv(half, 12)
        with torch.no_grad():
            for weights in self.last.parameters():
                weights.mul_(0.1)  # begin near the picture itself
        self.unfold = nn.PixelShuffle(2)

    def forward(self, picture: Tensor) -> Tensor:
        half = self.first(self.fold(picture - 0.5))
        quarter = self.to_quarter(half)
        deep = self.join_quarter(self.to_eighth(quarter), quarter)
        deep = self.join_half(self.at_quarter(deep), half)
        return picture + self.unfold(self.last(self.at_half(deep)))


def _chain(channels: list[int], stride: int = 1) -> nn.Sequential:
    """Convolutions with activations; the first one has the stride."""
    layers: list[nn.Module] = []
    for number, (inputs, outputs) in enumerate(pairwise(channels)):
        layers += [BranchedConv(inputs, outputs, stride if number == 0 else 1), nn.LeakyReLU(SLOPE)]
    return nn.Sequential(*layers)


Network = TypeVar("Network", bound=nn.Module)


def plain_network(network: Network) -> Network:
    """A copy for drawing, with one ordinary convolution in place of each branched one."""
    plain = copy.deepcopy(network)
    for parent in list(plain.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, BranchedConv):
                setattr(parent, name, child.plain())
    return plain.eval().requires_grad_(False)
