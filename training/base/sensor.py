"""A camera's sensor and codec on batches of tensors: softness, grain, and JPEG compression.

Its counterpart for single pictures is `scenes.camera`, which uses OpenCV's JPEG.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

LUMA_STEPS = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
"""Steps of the cosine coefficients at quality 50. Source: ITU-T T.81 (JPEG), table K.1."""
CHROMA_STEP, CHROMA_CORNER = 99, ((17, 18, 24, 47), (18, 21, 26, 66), (24, 26, 56, 99), (47, 66, 99, 99))
"""The same for chroma: 99 but in the corner (table K.2)."""
SOFT_SHARE, GRAIN_SHARE, CODED_SHARE = 0.3, 0.7, 0.45
"""Shares of the pictures that are blurred, get grain, and are compressed."""


def simulate_sensor(photo: Tensor, rng: np.random.Generator, generator: torch.Generator) -> Tensor:
    """Photographs with the softness, grain and compression of a camera, of random strength for each.

    Args:
        photo: (N, 3, H, W) in [0, 1]; H and W are multiples of 16.
        rng: decides the strengths.
        generator: draws the grain; of the tensor's device.

    Returns:
        (N, 3, H, W) in [0, 1].
    """
    count = len(photo)

    def for_some(share: float, values: np.ndarray) -> Tensor:
        return photo.new_tensor(np.where(rng.random(count) < share, values, 0.0)).view(-1, 1, 1, 1)

    photo = blur(photo, for_some(SOFT_SHARE, rng.uniform(0.3, 0.9, count)))
    level = for_some(GRAIN_SHARE, np.minimum(rng.exponential(0.011, count) + 0.002, 0.035))
    grain = torch.randn(photo.shape, generator=generator, device=photo.device)
    grain = 0.6 * grain + 0.4 * grain[:, 1:2]
    photo = photo + level * grain * (0.5 + 0.7 * photo.clamp(0, 1).sqrt())
    quality = rng.uniform(35, 95, count)
    coded = for_some(CODED_SHARE, np.ones(count))
    return (photo + coded * (compress(photo.clamp(0, 1), photo.new_tensor(quality)) - photo)).clamp(0, 1)


def blur(picture: Tensor, sigma: Tensor) -> Tensor:
    """Gaussian blur of each picture by its own sigma, px, at most 1; (N, 1, 1, 1)."""
    count, channels, height, width = picture.shape
    reach = torch.arange(-2, 3, device=picture.device, dtype=picture.dtype)
    kernel = torch.exp(-0.5 * (reach / sigma.view(-1, 1).clamp(min=0.05)) ** 2)
    kernel = (kernel / kernel.sum(1, keepdim=True)).repeat_interleave(channels, 0)
    flat = functional.pad(picture.reshape(1, -1, height, width), (2, 2, 2, 2), mode="replicate")
    flat = functional.conv2d(flat, kernel.view(-1, 1, 1, 5), groups=count * channels)
    flat = functional.conv2d(flat, kernel.view(-1, 1, 5, 1), groups=count * channels)
    return flat.view(picture.shape)


def compress(picture: Tensor, quality: Tensor) -> Tensor:
    """Pictures (N, 3, H, W) in [0, 1] after 4:2:0 JPEG compression of a quality (N,) from 1 to 100."""
    red, green, blue = (255 * picture).unbind(1)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    chroma = torch.stack([0.564 * (blue - luma), 0.713 * (red - luma)], dim=1)
    step = torch.where(quality < 50, 5000 / quality, 200 - 2 * quality) / 100
    luma = _quantise((luma - 128)[:, None], picture.new_tensor(LUMA_STEPS), step)[:, 0] + 128
    coarse = torch.full((8, 8), float(CHROMA_STEP), dtype=picture.dtype, device=picture.device)
    coarse[:4, :4] = picture.new_tensor(CHROMA_CORNER)
    small = _quantise(functional.avg_pool2d(chroma, 2), coarse, step)
    to_blue, to_red = functional.interpolate(small, scale_factor=2, mode="bilinear").unbind(1)
    red, blue = luma + to_red / 0.713, luma + to_blue / 0.564
    green = (luma - 0.299 * red - 0.114 * blue) / 0.587
    return torch.stack([red, green, blue], dim=1).clamp(0, 255) / 255


def _quantise(planes: Tensor, steps: Tensor, scale: Tensor) -> Tensor:
    """Planes (N, C, H, W) through blocks of 8x8 cosine coefficients, rounded to multiples of their steps."""
    count, channels, height, width = planes.shape
    basis = _cosine_basis(planes)
    blocks = planes.view(count, channels, height // 8, 8, width // 8, 8)
    coefficients = torch.einsum("ui,ncaibj,vj->ncaubv", basis, blocks, basis)
    step = (steps * scale.view(-1, 1, 1)).clamp(1, 255).view(count, 1, 1, 8, 1, 8)
    coefficients = torch.round(coefficients / step) * step
    return torch.einsum("ui,ncaubv,vj->ncaibj", basis, coefficients, basis).reshape(planes.shape)


def _cosine_basis(like: Tensor) -> Tensor:
    """The orthonormal cosine transform of eight values, (8, 8)."""
    at = torch.arange(8, dtype=like.dtype, device=like.device)
    basis = torch.cos((2 * at[None] + 1) * at[:, None] * torch.pi / 16) / 2
    basis[0] *= 0.5**0.5
    return basis
