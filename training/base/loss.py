"""What the drawing is held to: its colours, and the steps between neighbours."""

from __future__ import annotations

import torch
from torch import Tensor

DETAIL = 3.0
"""Weight of the squared error of differences."""


def drawing_loss(guess: Tensor, truth: Tensor, edge_weight: float, detail: float = DETAIL) -> Tensor:
    """L1 and squared error on pixels; squared error and L1 on their differences at two distances.

    A line is a hundredth of the picture: on pixels alone, a slip of the whole picture's colour outweighs it. The
    squared error of differences sees lines and no colour, and asks for a soft line where there may be one.

    A drawing is flat nearly everywhere: the median of its differences is zero, so L1 on them asks for flats that
    are truly flat and lines that are truly sharp. It also has a trap: from the start, it holds a network that
    knows nothing yet at flat grey, so that its weight has to rise slowly.

    Args:
        guess, truth: (N, 3, H, W) in [-1, 1].
        edge_weight: weight of the L1 on differences.
        detail: weight of the squared error of differences.

    Returns:
        A loss for every sample, (N,).
    """
    error = guess - truth
    loss = error.abs().mean(dim=(1, 2, 3)) + error.square().mean(dim=(1, 2, 3))
    for step in (1, 3):
        for axis in (2, 3):
            difference = _step(guess, step, axis) - _step(truth, step, axis)
            share = 1 / (2 * step**0.5)
            loss = loss + share * detail * difference.square().mean(dim=(1, 2, 3))
            loss = loss + share * edge_weight * difference.abs().mean(dim=(1, 2, 3))
    return loss


def twin_loss(guess: Tensor, jump: tuple[int, int]) -> Tensor:
    """How far the drawings of twins differ where they show the same: what moves by a few pixels, or is seen by
    another grain, must not be drawn otherwise, or the film flickers.

    Args:
        guess: (2 N, 3, H, W); the second half shows the first moved by `jump` (down, right) px.
    """
    down, right = jump
    one, other = guess.chunk(2)
    height, width = guess.shape[2] - down, guess.shape[3] - right
    apart = one[..., down:, right:] - other[..., :height, :width]
    return apart.square().mean() + 0.1 * apart.abs().mean()


def _step(picture: Tensor, step: int, axis: int) -> Tensor:
    length = picture.shape[axis] - step
    return picture.narrow(axis, step, length) - picture.narrow(axis, 0, length)


def psnr(guess: Tensor, truth: Tensor) -> Tensor:
    """Mean peak signal-to-noise ratio in dB of pictures in [-1, 1]."""
    return 10 * torch.log10(4 / (guess - truth).square().mean(dim=(1, 2, 3))).mean()
