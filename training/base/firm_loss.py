"""A loss for networks that draw already: it asks for one of the possible drawings, where a mean asks for all."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

SETTLED = 0.1
"""Error, in [-1, 1], from which on being farther off costs less and less: a twentieth of the range."""
MEANS_PX, MEANS_WEIGHT = 8, 1.0
"""Side of the squares whose mean colour must be right, and the weight of its squared error."""
LINE_PX, LINE_DEPTH = 7, 0.25
"""A line is narrower than this, and this much darker, in [-1, 1], than what is on both sides."""
LUMA = (0.299, 0.587, 0.114)


def firm_loss(prediction: Tensor, truth: Tensor, edge_weight: float, ink_weight: float) -> Tensor:
    """Errors of pixels and of neighbours' differences, by a measure that grows slower than the error.

    Where a network is unsure whether a pixel lies in light or in shade, a squared error has its minimum between
    the two tones, and a picture full of such places is airbrushed. Under a measure that bends downwards, a tone
    between costs more than either of the two, and one high step less than many low ones. The mean colour of
    larger squares is still held by a squared error.

    A line that is there with a chance of less than a half would not be drawn, and lines cover a twentieth of a
    picture: errors on the drawing's lines count more.

    Args:
        prediction, truth: (N, 3, H, W) in [-1, 1].
        edge_weight: weight of the errors of differences.
        ink_weight: by how much more than elsewhere errors count on lines.

    Returns:
        A loss for every sample, (N,).
    """
    error = prediction - truth
    weight = 1 + ink_weight * ink_of(truth)
    means = functional.avg_pool2d(error, MEANS_PX).square().mean(dim=(1, 2, 3))
    loss = (weight * _settled(error)).mean(dim=(1, 2, 3)) + MEANS_WEIGHT * means
    for step in (1, 3):
        for axis in (2, 3):
            length = truth.shape[axis] - step
            difference = error.narrow(axis, step, length) - error.narrow(axis, 0, length)
            at = torch.maximum(weight.narrow(axis, step, length), weight.narrow(axis, 0, length))
            loss = loss + edge_weight / (2 * step**0.5) * (at * _settled(difference)).mean(dim=(1, 2, 3))
    return loss


def ink_of(drawing: Tensor) -> Tensor:
    """How far each pixel of drawings lies on a dark line, (N, 1, H, W) in [0, 1]: what a closing would fill.

    Args:
        drawing: (N, 3, H, W) in [-1, 1].
    """
    grey = (drawing * drawing.new_tensor(LUMA).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)
    wide = functional.max_pool2d(grey, LINE_PX, 1, LINE_PX // 2)
    closed = -functional.max_pool2d(-wide, LINE_PX, 1, LINE_PX // 2)
    return ((closed - grey) / LINE_DEPTH).clamp(0, 1)


def _settled(error: Tensor) -> Tensor:
    return SETTLED * torch.log1p(error.abs() / SETTLED)
