"""Smoothing that leaves few edges, all of them sharp."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft


def smooth_l0(
    image: NDArray[np.float32], amount: float = 0.015, growth: float = 2.0, ceiling: float = 1e5
) -> NDArray[np.float32]:
    """Minimises the number of non-zero gradients of an image.

    Args:
        image: (H, W, 3) float32 in [0, 1].
        amount: weight of one gradient against the squared change of the picture (lambda).
        growth: by how much the coupling of gradients to the picture grows each round (kappa).
        ceiling: where that growth ends.

    Returns:
        (H, W, 3) float32, piecewise nearly constant. The picture is taken as periodic while solving, so
        it is mirrored at its borders first.

    Source: Xu, Lu, Xu, Jia, "Image Smoothing via L0 Gradient Minimization", SIGGRAPH Asia 2011.
    """
    margin = 16
    picture = np.pad(image, ((margin, margin), (margin, margin), (0, 0)), mode="symmetric").astype(np.float32)
    height, width = picture.shape[:2]
    across = 2 - 2 * np.cos(2 * np.pi * np.arange(width // 2 + 1) / width)
    down = 2 - 2 * np.cos(2 * np.pi * np.arange(height) / height)
    laplacian = (down[:, None] + across[None, :]).astype(np.float32)[..., None]
    target = fft.rfft2(picture, axes=(0, 1))

    coupling = 2 * amount
    while coupling < ceiling:
        dx = np.roll(picture, -1, axis=1) - picture
        dy = np.roll(picture, -1, axis=0) - picture
        small = (dx**2 + dy**2).sum(axis=2) < amount / coupling
        dx[small] = 0
        dy[small] = 0
        divergence = (np.roll(dx, 1, axis=1) - dx) + (np.roll(dy, 1, axis=0) - dy)
        spectrum = (target + coupling * fft.rfft2(divergence, axes=(0, 1))) / (1 + coupling * laplacian)
        picture = fft.irfft2(spectrum, s=(height, width), axes=(0, 1)).astype(np.float32)
        coupling *= growth
    return np.clip(picture[margin:-margin, margin:-margin], 0, 1)
