"""A loss on texture: how much grain, hatching or paper structure there is around a place, not where each speck
lies."""

from __future__ import annotations

import functools

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

FILTER_SIGMAS = (0.7, 1.3, 2.4)
"""Widths of the filters, px."""
DIRECTIONS = 4
REACH = 3
"""Kernels end this many sigmas from their middle."""
WINDOWS = (8, 32)
"""Sides of the windows in which energies are compared, px."""
SMALLEST = 1e-3
"""Added to energies before the square root, whose slope at zero is infinite."""


def texture_loss(prediction: Tensor, truth: Tensor) -> Tensor:
    """How far two pictures' textures differ, (N,).

    Second derivatives of a Gaussian, at three widths and in four directions, respond to lines and specks; dark and
    light ones are counted apart. The energies of the responses are compared window by window. So a stroke may lie
    beside its place in the drawing, but there must be as many, as strong, as wide and as slanted ones. A loss on
    pixels cannot do this: grain is random, and the best prediction of random pixels is their mean, a flat grey.

    Args:
        prediction, truth: (N, 3, H, W) in [-1, 1].

    Source: Portilla and Simoncelli, "A Parametric Texture Model Based on Joint Statistics of Complex Wavelet
    Coefficients", IJCV 2000; the sum over windows after Gatys et al., "Texture Synthesis", NeurIPS 2015.
    """
    loss = torch.zeros(len(prediction), device=prediction.device)
    responses = [_responses(_planes(picture)) for picture in (prediction, truth)]
    for window in WINDOWS:
        side = min(window, *prediction.shape[-2:])
        one, other = (
            functional.avg_pool2d(response, side, side // 2).add(SMALLEST**2).sqrt() for response in responses
        )
        loss = loss + (one - other).abs().mean(dim=(1, 2, 3)).view(len(prediction), -1).sum(dim=1)
    return loss / len(WINDOWS)


def softened(picture: Tensor, sigma: float) -> Tensor:
    """The picture (N, 3, H, W) blurred by a Gaussian of `sigma` px; 0 returns it unchanged.

    Compared pixel by pixel after a blur, two pictures may differ in where single strokes lie.
    """
    if sigma == 0:
        return picture
    reach = min(int(np.ceil(REACH * sigma)), *(side - 1 for side in picture.shape[-2:]))
    offsets = torch.arange(-reach, reach + 1, device=picture.device, dtype=picture.dtype)
    kernel = torch.exp(-(offsets**2) / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).expand(3, 1, -1)
    padded = functional.pad(picture, [reach, reach, 0, 0], mode="reflect")
    blurred = functional.conv2d(padded, kernel[:, :, None, :], groups=3)
    padded = functional.pad(blurred, [0, 0, reach, reach], mode="reflect")
    return functional.conv2d(padded, kernel[..., None], groups=3)


def _planes(picture: Tensor) -> Tensor:
    """Luma and the two colour differences, one after another, (3 N, 1, H, W)."""
    weights = torch.tensor([0.299, 0.587, 0.114], device=picture.device, dtype=picture.dtype)
    luma = (picture * weights[:, None, None]).sum(dim=1, keepdim=True)
    return torch.cat([luma, picture[:, :1] - luma, picture[:, 2:] - luma], dim=1).flatten(0, 1)[:, None]


def _responses(planes: Tensor) -> Tensor:
    """Squared filter responses, positive and negative ones apart, (3 N, 2 * filters, H, W)."""
    found = []
    for bank in _filter_banks():
        bank = bank.to(planes.device, planes.dtype)
        padded = functional.pad(planes, [bank.shape[-1] // 2] * 4, mode="reflect")
        found.append(functional.conv2d(padded, bank))
    responses = torch.cat(found, dim=1)
    return torch.cat([responses.clamp(min=0).square(), responses.clamp(max=0).square()], dim=1)


@functools.cache
def _filter_banks() -> tuple[Tensor, ...]:
    """For every width, kernels of all directions, (DIRECTIONS, 1, k, k): mean zero, absolute values sum to one."""
    banks = []
    for sigma in FILTER_SIGMAS:
        reach = int(np.ceil(REACH * sigma))
        y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float64)
        bank = []
        for direction in range(DIRECTIONS):
            angle = np.pi * direction / DIRECTIONS
            across, along = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
            kernel = (1 - (across / sigma) ** 2) * np.exp(-(across**2 + along**2 / 4) / (2 * sigma**2))
            kernel -= kernel.mean()
            bank.append(kernel / np.abs(kernel).sum())
        banks.append(torch.from_numpy(np.stack(bank)[:, None]).float())
    return tuple(banks)
