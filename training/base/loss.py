"""How far a picture is from the drawing: in its pixels, and in the differences between neighbouring ones."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

STEP = 0.04
"""Difference of neighbours, over the three channels and in [-1, 1], that counts as half a change."""
WINDOW_PX = 8
"""Side of the windows in which changes are counted."""
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


def step_loss(prediction: Tensor, truth: Tensor) -> Tensor:
    """How far the number of places where a tone changes differs from the drawing's, window by window.

    Where a network is unsure on which pixel shade begins, every loss on pixels or differences has its minimum at
    a ramp. But a ramp changes in many places and a step in one: counting the places asks for a step, wherever it
    lies.
    A change much smaller than `STEP` counts as none, a much larger one as one, so that large steps are left alone.

    Args:
        prediction, truth: (N, 3, H, W) in [-1, 1]; sides of at least twice `WINDOW_PX`.

    Returns:
        A loss for every sample, (N,).
    """
    total = prediction.new_zeros(len(prediction))
    for scale in (1, 2):
        one, other = (
            functional.avg_pool2d(each, scale) if scale > 1 else each for each in (prediction, truth)
        )
        for axis in (2, 3):
            apart = _changes(one, axis) - _changes(other, axis)
            total = total + functional.avg_pool2d(apart, WINDOW_PX, WINDOW_PX // 2).abs().mean(dim=(1, 2, 3))
    return total


def _changes(picture: Tensor, axis: int) -> Tensor:
    """Near 1 where neighbours along `axis` differ, near 0 where they do not; (N, 1, h, w)."""
    energy = _difference(picture, 1, axis).square().sum(dim=1, keepdim=True)
    return energy / (energy + STEP**2)


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
