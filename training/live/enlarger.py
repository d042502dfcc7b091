"""The network that draws a drawing at twice its size, guided by the photograph at that size.

It has the branched convolutions of the live networks, and is trained by the same loop. All its work is done at
half the drawing's size, where a picture has a sixteenth of the pixels that come out.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.live.network import SLOPE, BranchedConv

FACTOR = 2
"""How many times larger the drawing becomes."""
ENLARGER_GRID = 2
"""The sides of a drawing are multiples of this, px."""
PLANES = 3 + FACTOR**2
"""Planes of its input: the drawing, and the photograph's luma, 2x2 pixels a place."""
CHANNELS, LAYERS = 24, 4


class EnlargerNetwork(nn.Module):
    """Takes (N, 7, H, W): a drawing in [0, 1] and the luma of the photograph of 2Hx2W, folded by
    `fold_luma`; returns (N, 3, 2H, 2W), not clipped. H and W are multiples of `ENLARGER_GRID`."""

    def __init__(self) -> None:
        super().__init__()
        self.fold = nn.PixelUnshuffle(ENLARGER_GRID)
        layers: list[nn.Module] = []
        inputs = PLANES * ENLARGER_GRID**2
        for _ in range(1 + LAYERS):
            layers += [BranchedConv(inputs, CHANNELS), nn.LeakyReLU(SLOPE)]
            inputs = CHANNELS
        self.body = nn.Sequential(*layers)
        rise = ENLARGER_GRID * FACTOR
        self.last: nn.Module = BranchedConv(CHANNELS, 3 * rise**2)
        with torch.no_grad():
            for weights in self.last.parameters():
                weights.mul_(0.1)  # begin near the plain enlargement
        self.unfold = nn.PixelShuffle(rise)

    def forward(self, given: Tensor) -> Tensor:
        plain = functional.interpolate(
            given[:, :3], scale_factor=FACTOR, mode="bilinear", align_corners=False
        )
        return plain + self.unfold(self.last(self.body(self.fold(given - 0.5))))


def fold_luma(luma: Tensor) -> Tensor:
    """(N, 1, 2H, 2W) to (N, 4, H, W): the upper left, upper right, lower left and lower right of each 2x2."""
    return functional.pixel_unshuffle(luma, FACTOR)
