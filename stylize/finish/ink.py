"""Ink lines along the flow of the picture's edges."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from deflicker.arrays import magnitude
from deflicker.threads import each

Plane = NDArray[np.float32]
"""(H, W), one number a pixel."""

BAND_ROWS = 64
"""So many rows are followed at a time: some dozen planes of them fit into a core's cache."""
STRIDE_PX = 2
"""From one point on a line to the next: what lies between them is in the difference's own blur."""
FAINT = 1e-20
"""Of a structure without a direction: it is taken to run downwards."""


def ink_lines(
    grey: Plane,
    sigma: float = 1.2,
    tau: float = 0.99,
    phi: float = 60.0,
    threshold: float = -0.004,
    reach_px: int = 8,
    shortest_px: int = 14,
) -> Plane:
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
    Winnemöller, Kyprianidis, Olsen, "XDoG", 2012. The difference is taken of round Gaussians and not of Gaussians
    across the edge: along it the mean is taken anyway, over several times that width.
    """
    near, far = (cv2.GaussianBlur(grey, (0, 0), width) for width in (sigma, 1.6 * sigma))
    difference = np.asarray(cv2.addWeighted(near, 1, far, -tau, 0), np.float32)
    response = mean_along(difference, edge_tangent(grey), reach_px)
    ink = 1 + np.tanh(phi * np.minimum(response - threshold, 0))
    return _without_specks(ink.astype(np.float32), shortest_px)


def _without_specks(paper: Plane, shortest_px: int) -> Plane:
    """Blanks strokes whose bounding box is smaller than `shortest_px` both ways."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats((paper < 0.8).astype(np.uint8), connectivity=8)
    extent = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    keep = extent >= shortest_px
    keep[0] = False
    kept = cv2.GaussianBlur(np.take(keep.astype(np.float32), np.asarray(labels, np.int32)), (0, 0), 0.7)
    return 1 - (1 - paper) * np.minimum(1.6 * kept, 1)


def edge_tangent(grey: Plane, sigma: float = 2.4) -> tuple[Plane, Plane]:
    """Unit vectors along the edges, their x and their y: the minor eigenvector of the structure tensor.

    The major one lies at half the angle of (xx - yy, 2 xy), and half angles need no more than square roots.
    """
    dx, dy = (cv2.Sobel(grey, cv2.CV_32F, *axis, scale=1 / 4) for axis in ((1, 0), (0, 1)))
    xx, xy, yy = (
        cv2.GaussianBlur(cv2.multiply(a, b), (0, 0), sigma) for a, b in ((dx, dx), (dx, dy), (dy, dy))
    )
    x, y = np.empty_like(grey), np.empty_like(grey)
    half = np.float32(0.5)

    def turn(band: slice) -> None:
        across, twice = cv2.subtract(xx[band], yy[band]), cv2.add(xy[band], xy[band])
        length = np.add(magnitude(across, twice), np.float32(FAINT))
        cosine = np.divide(np.multiply(np.add(across, np.float32(FAINT)), half), length)
        major_x, major_y = (cv2.sqrt(np.maximum(part, 0)) for part in (half + cosine, half - cosine))
        np.copysign(major_y, np.negative(twice), out=x[band])
        y[band] = major_x

    each(turn, _bands(grey))
    return x, y


def mean_along(
    field: Plane, tangent: tuple[Plane, Plane], reach_px: float, stride_px: float = STRIDE_PX
) -> Plane:
    """Gaussian mean along the streamline through every pixel, both ways, and not across it.

    Args:
        field: (H, W) float32.
        tangent: as `edge_tangent` gives it.
        reach_px: how far a line is followed both ways: two deviations of the Gaussian.
        stride_px: from one point on a line to the next.

    Returns:
        (H, W) float32.

    Source: Cabral and Leedom, "Imaging Vector Fields Using Line Integral Convolution", SIGGRAPH 1993.
    """
    count = int(reach_px / stride_px)
    weights = [_gaussian(step * stride_px, reach_px / 2) for step in range(count + 1)]
    stride = np.float32(stride_px)
    # OpenCV samples four channels in the time of one, to the same numbers; the fourth is there for that alone.
    sampled = np.asarray(cv2.merge([field, *tangent, field]), np.float32)

    def mean(band: slice) -> Plane:
        total = field[band].copy()
        along = np.empty_like(total)
        for way in (stride, -stride):
            x, y = _places(field, band)
            heading = [part[band] * way for part in tangent]
            for step, weight in enumerate(weights[1:], start=1):
                for place, by in zip((x, y), heading, strict=True):
                    cv2.add(place, by, dst=place)
                if step == count:
                    cv2.scaleAdd(_sample(field, x, y), weight, total, dst=total)
                    break
                value, *turned = cv2.split(_sample(sampled, x, y))[:3]
                cv2.scaleAdd(value, weight, total, dst=total)
                # A tangent has no sign of its own: it is turned to go on the way that was come.
                np.multiply(turned[0], heading[0], out=along)
                cv2.accumulateProduct(turned[1], heading[1], along)
                onwards = np.copysign(stride, along, out=along)
                heading = [np.multiply(part, onwards, out=part) for part in turned]
        return total / np.float32(2 * sum(weights) - 1)

    return _in_bands(mean, field)


def _gaussian(distance: float, sigma: float) -> float:
    return float(np.exp(-(distance**2) / (2 * sigma**2)))


def _in_bands(work: Callable[[slice], Plane], picture: Plane) -> Plane:
    """What `work` makes of bands of rows, so that what it computes on the way stays in the processor's cache."""
    return np.concatenate(each(work, _bands(picture)))


def _bands(picture: Plane) -> list[slice]:
    rows = picture.shape[0]
    return [slice(top, min(top + BAND_ROWS, rows)) for top in range(0, rows, BAND_ROWS)]


def _places(picture: Plane, band: slice) -> tuple[Plane, Plane]:
    """The x and the y of every pixel of a band."""
    y, x = np.indices((band.stop - band.start, picture.shape[1]), dtype=np.float32)
    return x, y + np.float32(band.start)


def _sample(field: Plane, x: Plane, y: Plane) -> NDArray[np.float32]:
    """A plane, or one of several channels, at these places."""
    sampled = cv2.remap(field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled, np.float32)
