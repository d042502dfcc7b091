"""How far a picture is from the drawing: in its pixels, and in the differences between neighbouring ones."""

from __future__ import annotations

import torch
from torch import Tensor

DETAIL = 3.0
"""Weight of the squared error of differences."""


def drawing_loss(prediction: Tensor, truth: Tensor, edge_weight: float, detail: float = DETAIL) -> Tensor:
    """L1 and squared error on pixels; squared error and L1 on their differences at two distances.

    Lines cover a hundredth of a picture: measured on pixels alone, a small shift of the whole picture's colour
    outweighs them. The squared error of differences depends on lines and not on colour; where the place of a line
    is uncertain, its minimum is a soft line.

    A drawing is flat nearly everywhere, so the median of its differences is zero, and L1 on them favours areas that
    are exactly flat and lines that are sharp. But from the first step on it would keep an untrained network at flat
    grey: its weight has to rise slowly.

    Args:
        prediction, truth: (N, 3, H, W) in [-1, 1].
        edge_weight: weight of the L1 on differences.
        detail: weight of the squared error of differences.

    Returns:
        A loss for every sample, (N,).
    """
    error = prediction - truth
    loss = error.abs().mean(dim=(1, 2, 3)) + error.square().mean(dim=(1, 2, 3))
    for step in (1, 3):
        for axis in (2, 3):
            difference = _difference(prediction, step, axis) - _difference(truth, step, axis)
            share = 1 / (2 * step**0.5)
            loss = loss + share * detail * difference.square().mean(dim=(1, 2, 3))
            loss = loss + share * edge_weight * difference.abs().mean(dim=(1, 2, 3))
    return loss


def twin_loss(prediction: Tensor, shift: tuple[int, int]) -> Tensor:
    """How far the drawings of twins differ where they show the same part of a scene.

    A film flickers where something is drawn otherwise after it moved by a few pixels, or because of other noise.

    Args:
        prediction: (2 N, 3, H, W); the second half shows the first moved by `shift` (down, right) px.
    """
    down, right = shift
    one, other = prediction.chunk(2)
    height, width = prediction.shape[2] - down, prediction.shape[3] - right
    apart = one[..., down:, right:] - other[..., :height, :width]
    return apart.square().mean() + 0.1 * apart.abs().mean()


def _difference(picture: Tensor, step: int, axis: int) -> Tensor:
    """Each pixel's difference from the one `step` px before it along `axis`."""
    length = picture.shape[axis] - step
    return picture.narrow(axis, step, length) - picture.narrow(axis, 0, length)


def psnr(prediction: Tensor, truth: Tensor) -> Tensor:
    """Mean peak signal-to-noise ratio in dB of pictures in [-1, 1]."""
    return 10 * torch.log10(4 / (prediction - truth).square().mean(dim=(1, 2, 3))).mean()
