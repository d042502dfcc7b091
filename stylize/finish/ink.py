"""Ink lines along the flow of the picture's edges."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def ink_lines(
    grey: NDArray[np.float32],
    sigma: float = 1.2,
    tau: float = 0.99,
    phi: float = 60.0,
    threshold: float = -0.004,
    reach_px: int = 8,
    shortest_px: int = 14,
) -> NDArray[np.float32]:
    """Draws lines where the picture is dark beside light, each followed along its own direction.

    Args:
        grey: (H, W) float32 in [0, 1].
        sigma: half-width of a line in px; the surround is 1.6 times as wide.
        tau: weight of the surround; near 1 only lines answer, below it dark areas do too.
        phi: steepness of the step from paper to ink.
        threshold: how far below zero the difference must fall to become ink.
        reach_px: how far a line is followed both ways.
        shortest_px: strokes shorter than this are left out; they are texture, not drawing.

    Returns:
        (H, W) float32, 1 for paper and 0 for ink.

    Source: Kang, Lee, Chui, "Flow-Based Image Abstraction", TVCG 2009, with the soft threshold of
    Winnemöller, Kyprianidis, Olsen, "XDoG", 2012.
    """
    tangent = edge_tangent(grey)
    difference = _difference_across(grey, tangent, sigma, tau)
    response = _mean_along(difference, tangent, reach_px)
    ink = 1 + np.tanh(phi * np.minimum(response - threshold, 0))
    return _without_specks(ink.astype(np.float32), shortest_px)


def _without_specks(paper: NDArray[np.float32], shortest_px: int) -> NDArray[np.float32]:
    """Blanks strokes whose bounding box is smaller than `shortest_px` both ways."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats((paper < 0.8).astype(np.uint8), connectivity=8)
    extent = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    keep = extent >= shortest_px
    keep[0] = False
    kept = cv2.GaussianBlur(keep[labels].astype(np.float32), (0, 0), 0.7)
    return 1 - (1 - paper) * np.minimum(1.6 * kept, 1)


def edge_tangent(grey: NDArray[np.float32], sigma: float = 2.4) -> NDArray[np.float32]:
    """Unit vectors (H, W, 2), x then y, along the edges: the minor eigenvector of the structure tensor."""
    dx = cv2.Sobel(grey, cv2.CV_32F, 1, 0) / 4
    dy = cv2.Sobel(grey, cv2.CV_32F, 0, 1) / 4
    xx, xy, yy = (cv2.GaussianBlur(t, (0, 0), sigma) for t in (dx * dx, dx * dy, dy * dy))
    angle = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1).astype(np.float32)


def _sample(
    field: NDArray[np.float32], x: NDArray[np.float32], y: NDArray[np.float32]
) -> NDArray[np.float32]:
    sampled = cv2.remap(field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled, np.float32)


def _grid(shape: tuple[int, ...]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    y, x = np.indices(shape[:2], dtype=np.float32)
    return x, y


def _difference_across(
    grey: NDArray[np.float32], tangent: NDArray[np.float32], sigma: float, tau: float
) -> NDArray[np.float32]:
    """Difference of two Gaussians, taken on a line across the edge."""
    x, y = _grid(grey.shape)
    nx, ny = -tangent[..., 1], tangent[..., 0]
    wide = 1.6 * sigma
    near = far = np.zeros_like(grey)
    near_sum = far_sum = 0.0
    for step in range(-int(np.ceil(3 * wide)), int(np.ceil(3 * wide)) + 1):
        value = _sample(grey, x + step * nx, y + step * ny)
        near_weight = float(np.exp(-(step**2) / (2 * sigma**2)))
        far_weight = float(np.exp(-(step**2) / (2 * wide**2)))
        near, near_sum = near + near_weight * value, near_sum + near_weight
        far, far_sum = far + far_weight * value, far_sum + far_weight
    return near / near_sum - tau * far / far_sum


def _mean_along(
    field: NDArray[np.float32], tangent: NDArray[np.float32], reach_px: int
) -> NDArray[np.float32]:
    """Gaussian mean along the streamline through every pixel, both ways (line integral convolution)."""
    total, weights = field.copy(), 1.0
    for way in (1.0, -1.0):
        x, y = _grid(field.shape)
        heading = way * tangent
        for step in range(1, reach_px + 1):
            x, y = x + heading[..., 0], y + heading[..., 1]
            weight = float(np.exp(-(step**2) / (2 * (reach_px / 2) ** 2)))
            total += weight * _sample(field, x, y)
            weights += weight / 2
            turn = np.stack([_sample(tangent[..., i].copy(), x, y) for i in (0, 1)], axis=-1)
            same = np.sum(turn * heading, axis=-1, keepdims=True) >= 0
            heading = np.where(same, turn, -turn)
    return total / (2 * weights - 1)
