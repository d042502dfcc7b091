"""Texture: what can be said of grain, hatching and paper without saying where each speck lies."""

from __future__ import annotations

import functools

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

SIGMAS = (0.7, 1.3, 2.4)
TURNS = 4
REACH = 3
"""Filters reach so many sigmas from their middle."""
WINDOWS = (8, 32)
"""Sides of the windows in which energies are compared, px."""
FLOOR = 1e-3


def texture_loss(guess: Tensor, truth: Tensor) -> Tensor:
    """How far two pictures' textures differ, (N,).

    Second derivatives of a Gaussian at three widths and in four directions answer to lines and specks, dark ones
    and light ones apart. Their energies are compared window by window: a stroke may lie beside where it was, but
    there must be as many, as strong, as wide and as slanted. A pixel-wise loss on grain that cannot be foreseen
    asks for its mean, which is none.

    Args:
        guess, truth: (N, 3, H, W) in [-1, 1].

    Source: Portilla and Simoncelli, "A Parametric Texture Model Based on Joint Statistics of Complex Wavelet
    Coefficients", IJCV 2000; the sum over windows after Gatys et al., "Texture Synthesis", NeurIPS 2015.
    """
    loss = torch.zeros(len(guess), device=guess.device)
    answers = [_answers(_planes(picture)) for picture in (guess, truth)]
    for window in WINDOWS:
        side = min(window, *guess.shape[-2:])
        one, other = (
            functional.avg_pool2d(answer, side, side // 2).add(FLOOR**2).sqrt() for answer in answers
        )
        loss = loss + (one - other).abs().mean(dim=(1, 2, 3)).view(len(guess), -1).sum(dim=1)
    return loss / len(WINDOWS)


def softened(picture: Tensor, sigma: float) -> Tensor:
    """Through a Gaussian of `sigma` px, (N, 3, H, W): what is left to compare pixel by pixel when the places of
    single strokes are left free. 0 leaves the picture as it is."""
    if sigma == 0:
        return picture
    reach = min(int(np.ceil(REACH * sigma)), *(side - 1 for side in picture.shape[-2:]))
    along = torch.arange(-reach, reach + 1, device=picture.device, dtype=picture.dtype)
    kernel = torch.exp(-(along**2) / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).expand(3, 1, -1)
    across = functional.pad(picture, [reach, reach, 0, 0], mode="reflect")
    down = functional.conv2d(across, kernel[:, :, None, :], groups=3)
    down = functional.pad(down, [0, 0, reach, reach], mode="reflect")
    return functional.conv2d(down, kernel[..., None], groups=3)


def _planes(picture: Tensor) -> Tensor:
    """Luma and the two colour differences, one after another, (3 N, 1, H, W)."""
    weights = torch.tensor([0.299, 0.587, 0.114], device=picture.device, dtype=picture.dtype)
    luma = (picture * weights[:, None, None]).sum(dim=1, keepdim=True)
    return torch.cat([luma, picture[:, :1] - luma, picture[:, 2:] - luma], dim=1).flatten(0, 1)[:, None]


def _answers(planes: Tensor) -> Tensor:
    """Squared half-wave answers (3 N, 2 · filters, H, W)."""
    found = []
    for bank in _banks():
        bank = bank.to(planes.device, planes.dtype)
        padded = functional.pad(planes, [bank.shape[-1] // 2] * 4, mode="reflect")
        found.append(functional.conv2d(padded, bank))
    answers = torch.cat(found, dim=1)
    return torch.cat([answers.clamp(min=0).square(), answers.clamp(max=0).square()], dim=1)


@functools.cache
def _banks() -> tuple[Tensor, ...]:
    """For every width the directions, (TURNS, 1, k, k): zero mean, unit norm of the absolute values."""
    banks = []
    for sigma in SIGMAS:
        reach = int(np.ceil(REACH * sigma))
        y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float64)
        bank = []
        for turn in range(TURNS):
            angle = np.pi * turn / TURNS
            across, along = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
            kernel = (1 - (across / sigma) ** 2) * np.exp(-(across**2 + along**2 / 4) / (2 * sigma**2))
            kernel -= kernel.mean()
            bank.append(kernel / np.abs(kernel).sum())
        banks.append(torch.from_numpy(np.stack(bank)[:, None]).float())
    return tuple(banks)
