"""Ink lines along the flow of the picture's edges."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from deflicker.threads import each

BAND_ROWS = 64
"""So many rows are followed at a time: some dozen planes of them fit into a core's cache."""


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


def _difference_across(
    grey: NDArray[np.float32], tangent: NDArray[np.float32], sigma: float, tau: float
) -> NDArray[np.float32]:
    """Difference of two Gaussians, taken on a line across the edge."""
    normal_x, normal_y = (np.ascontiguousarray(part) for part in (-tangent[..., 1], tangent[..., 0]))
    wide = 1.6 * sigma
    reach = int(np.ceil(3 * wide))
    near_weights = {step: _gaussian(step, sigma) for step in range(-reach, reach + 1)}
    far_weights = {step: _gaussian(step, wide) for step in range(-reach, reach + 1)}
    near_sum, far_sum = sum(near_weights.values()), sum(far_weights.values())

    def difference(band: slice) -> NDArray[np.float32]:
        x, y = _places(grey, band)
        across_x, across_y, part = np.empty_like(x), np.empty_like(x), np.empty_like(x)
        near, far = np.zeros_like(x), np.zeros_like(x)
        for step in near_weights:
            np.add(x, np.multiply(normal_x[band], step, out=across_x), out=across_x)
            np.add(y, np.multiply(normal_y[band], step, out=across_y), out=across_y)
            value = _sample(grey, across_x, across_y)
            np.add(near, np.multiply(value, near_weights[step], out=part), out=near)
            np.add(far, np.multiply(value, far_weights[step], out=part), out=far)
        return near / near_sum - tau * far / far_sum

    return _in_bands(difference, grey)


def _mean_along(
    field: NDArray[np.float32], tangent: NDArray[np.float32], reach_px: int
) -> NDArray[np.float32]:
    """Gaussian mean along the streamline through every pixel, both ways (line integral convolution)."""
    # One plane for x and one for y: OpenCV samples two planes in less time than one picture of two channels.
    tangent_x, tangent_y = (np.ascontiguousarray(tangent[..., i]) for i in (0, 1))
    weights = [_gaussian(step, reach_px / 2) for step in range(reach_px + 1)]

    def mean(band: slice) -> NDArray[np.float32]:
        total = field[band].copy()
        along_x, along_y = np.empty_like(total), np.empty_like(total)
        for way in (1, -1):
            x, y = _places(field, band)
            heading_x, heading_y = way * tangent_x[band], way * tangent_y[band]
            for step in range(1, reach_px + 1):
                np.add(x, heading_x, out=x)
                np.add(y, heading_y, out=y)
                value = _sample(field, x, y)
                np.add(total, np.multiply(value, weights[step], out=value), out=total)
                if step == reach_px:
                    break
                turn_x, turn_y = _sample(tangent_x, x, y), _sample(tangent_y, x, y)
                np.multiply(turn_x, heading_x, out=along_x)
                np.multiply(turn_y, heading_y, out=along_y)
                # A tangent has no sign of its own: it is turned to go on the way that was come.
                onwards = np.copysign(np.float32(1), np.add(along_x, along_y, out=along_x), out=along_x)
                heading_x = np.multiply(turn_x, onwards, out=turn_x)
                heading_y = np.multiply(turn_y, onwards, out=turn_y)
        return total / (2 * sum(weights) - 1)

    return _in_bands(mean, field)


def _gaussian(distance: float, sigma: float) -> float:
    return float(np.exp(-(distance**2) / (2 * sigma**2)))


def _in_bands(
    work: Callable[[slice], NDArray[np.float32]], picture: NDArray[np.float32]
) -> NDArray[np.float32]:
    """What `work` makes of bands of rows, so that what it computes on the way stays in the processor's cache."""
    rows = picture.shape[0]
    bands = [slice(top, min(top + BAND_ROWS, rows)) for top in range(0, rows, BAND_ROWS)]
    return np.concatenate(each(work, bands))


def _places(picture: NDArray[np.float32], band: slice) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The x and the y of every pixel of a band."""
    y, x = np.indices((band.stop - band.start, picture.shape[1]), dtype=np.float32)
    return x, y + np.float32(band.start)


def _sample(
    field: NDArray[np.float32], x: NDArray[np.float32], y: NDArray[np.float32]
) -> NDArray[np.float32]:
    sampled = cv2.remap(field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled, np.float32)
