"""What a live network is trained to: the teacher's drawing on several scales, its lines, and steadiness in time."""

from __future__ import annotations

import functools

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.live.crops import LiveBatch
from training.live.recipe import LiveRecipe

SCALES = ((1, 1.0), (2, 0.5), (4, 0.5), (8, 0.5))
"""Sides of the means that are compared, px, and their weights: fine lines may lie a little beside their place."""

LINE_SIGMA, LINE_REACH = 0.9, 3
"""Width and reach of the filters that respond to lines, px."""
WINDOWS = (8, 32)
"""Sides of the windows in which the filters' energies are compared, px."""
SMALLEST = 5e-3
"""Added to energies before the square root, whose slope at zero is infinite."""


def live_loss(network: nn.Module, batch: LiveBatch, recipe: LiveRecipe) -> tuple[Tensor, Tensor]:
    """The loss of a batch, and the mean squared error of its drawings."""
    count = len(batch.frame)
    drawn = network(torch.cat([batch.frame, batch.after]))
    drawing, next_drawing = drawn[:count], drawn[count:]
    loss = pixel_loss(drawing, batch.drawn) + recipe.edges * edge_loss(drawing, batch.drawn)
    if recipe.texture:
        loss = loss + recipe.texture * line_loss(drawing, batch.drawn)
    if recipe.temporal and len(next_drawing):
        loss = loss + recipe.temporal * temporal_loss(drawing[: len(next_drawing)], next_drawing, batch)
    return loss, (drawing - batch.drawn).detach().square().mean()


def pixel_loss(drawing: Tensor, truth: Tensor) -> Tensor:
    """Absolute differences of the pictures (N, 3, H, W) and of their means on several scales."""
    loss = drawing.new_zeros(())
    for side, weight in SCALES:
        error = drawing - truth if side == 1 else functional.avg_pool2d(drawing - truth, side)
        loss = loss + weight * error.abs().mean()
    return loss


def edge_loss(drawing: Tensor, truth: Tensor) -> Tensor:
    """Absolute differences of the slopes to the right and down."""
    error = drawing - truth
    across, down = error[..., :, 1:] - error[..., :, :-1], error[..., 1:, :] - error[..., :-1, :]
    return across.abs().mean() + down.abs().mean()


def temporal_loss(drawing: Tensor, after: Tensor, batch: LiveBatch) -> Tensor:
    """How much the drawing after differs from the drawing before, moved along the source's motion, where a point is
    seen in both.

    Source: Lai et al., "Learning Blind Video Temporal Consistency", ECCV 2018, without its long-term term.
    """
    moved = warp_back(after, batch.flow)
    return ((moved - drawing).abs() * batch.seen).mean()


def warp_back(after: Tensor, flow: Tensor) -> Tensor:
    """Pictures (N, 3, H, W) sampled at x + flow(x); flow (N, H, W, 2), px, right and down."""
    height, width = after.shape[2:]
    y, x = torch.meshgrid(
        torch.arange(height, dtype=flow.dtype, device=flow.device),
        torch.arange(width, dtype=flow.dtype, device=flow.device),
        indexing="ij",
    )
    at = torch.stack([(x + flow[..., 0]) / (width - 1), (y + flow[..., 1]) / (height - 1)], dim=-1)
    return functional.grid_sample(after, 2 * at - 1, padding_mode="border", align_corners=True)


def line_loss(drawing: Tensor, truth: Tensor) -> Tensor:
    """How far two drawings differ in how much line there is around a place, dark or light, and how slanted.

    The mean of all likely drawings has soft lines, and a loss on pixels asks for that mean. The energy of a
    line does not depend on where in a window it lies, so a crisp line beside its place costs less than a soft
    one.

    Args:
        drawing, truth: (N, 3, H, W); they are compared at full and at half size.

    Source: filter energies after Portilla and Simoncelli, IJCV 2000.
    """
    loss = drawing.new_zeros(())
    for scale in (1, 2):
        one, other = (
            _line_energies(functional.avg_pool2d(picture.mean(dim=1, keepdim=True), scale))
            for picture in (drawing, truth)
        )
        for window in WINDOWS:
            side = min(window, *one.shape[-2:])
            means = [
                functional.avg_pool2d(each, side, side // 2).add(SMALLEST**2).sqrt() for each in (one, other)
            ]
            loss = loss + (means[0] - means[1]).abs().sum(dim=1).mean()
    return loss / len(WINDOWS)


def _line_energies(luma: Tensor) -> Tensor:
    """Squared responses of the filters, dark and light lines apart: (N, 8, H, W)."""
    bank = _line_filters().to(luma.device, luma.dtype)
    responses = functional.conv2d(functional.pad(luma, [LINE_REACH] * 4, mode="reflect"), bank)
    return torch.cat([responses.clamp(min=0).square(), responses.clamp(max=0).square()], dim=1)


@functools.cache
def _line_filters() -> Tensor:
    """Second derivatives of a Gaussian in four directions, (4, 1, k, k): mean zero, absolute values sum to one."""
    reach = torch.arange(-LINE_REACH, LINE_REACH + 1, dtype=torch.float64)
    y, x = torch.meshgrid(reach, reach, indexing="ij")
    bank = []
    for direction in range(4):
        angle = torch.tensor(torch.pi * direction / 4, dtype=torch.float64)
        across, along = x * angle.cos() + y * angle.sin(), y * angle.cos() - x * angle.sin()
        spread = torch.exp(-(across**2 + along**2 / 4) / (2 * LINE_SIGMA**2))
        kernel = (1 - (across / LINE_SIGMA) ** 2) * spread
        kernel = kernel - kernel.mean()
        bank.append(kernel / kernel.abs().sum())
    return torch.stack(bank)[:, None].float()
