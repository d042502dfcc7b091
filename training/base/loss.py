"""What the drawing is held to: its colours, and the steps between neighbours."""

from __future__ import annotations

import torch
from torch import Tensor


def drawing_loss(guess: Tensor, truth: Tensor, edge_weight: float) -> Tensor:
    """L1 and squared error on pixels, and L1 on their differences at two distances.

    A drawing is flat nearly everywhere: the median of its differences is zero, so L1 on them asks for
    flats that are truly flat and lines that are truly sharp, where a squared loss asks for clouds. It also
    has a trap: from the start, it holds a network that knows nothing yet at flat grey. The squared error
    leads out of there, and the weight of the differences has to rise slowly.

    Args:
        guess, truth: (N, 3, H, W) in [-1, 1].
        edge_weight: weight of the differences beside the colours.

    Returns:
        A loss for every sample, (N,).
    """
    error = guess - truth
    loss = error.abs().mean(dim=(1, 2, 3)) + error.square().mean(dim=(1, 2, 3))
    for step in (1, 4):
        for axis in (2, 3):
            difference = _step(guess, step, axis) - _step(truth, step, axis)
            loss = loss + edge_weight / (2 * step**0.5) * difference.abs().mean(dim=(1, 2, 3))
    return loss


def _step(picture: Tensor, step: int, axis: int) -> Tensor:
    length = picture.shape[axis] - step
    return picture.narrow(axis, step, length) - picture.narrow(axis, 0, length)


def psnr(guess: Tensor, truth: Tensor) -> Tensor:
    """Mean peak signal-to-noise ratio in dB of pictures in [-1, 1]."""
    return 10 * torch.log10(4 / (guess - truth).square().mean(dim=(1, 2, 3))).mean()
