"""Fills what is not known from what lies around it, smoothly and at any distance."""

from __future__ import annotations

import cv2
import numpy as np

from compositing.colour import Image, Plane

NOTHING = np.float32(1e-6)


def fill(values: Image, weights: Plane, smooth: int = 0) -> Image:
    """Pull-push interpolation (Gortler et al., The Lumigraph, SIGGRAPH 1996, section 3.5.2).

    The picture is averaged by its weights level by level; on the way back, each level keeps what it knows and
    takes the rest from the coarser one.

    Args:
        values: float32, (height, width, 3).
        weights: float32, (height, width) in [0, 1]: how well each pixel is known.
        smooth: levels whose own detail is left out: the result is a picture 2^smooth times coarser.

    Returns:
        float32, of the shape of `values`; zeros where nothing at all is known.
    """
    known = cv2.merge([weights, weights, weights])
    return _pulled(cv2.multiply(values, known), weights, smooth)


def _pulled(total: Image, weights: Plane, smooth: int) -> Image:
    rows, columns = weights.shape
    own = np.minimum(weights, np.float32(1))
    mean = total / np.maximum(weights, NOTHING)[..., None]
    if min(rows, columns) <= 1:
        return mean
    size = ((columns + 1) // 2, (rows + 1) // 2)
    # Four pixels that know a quarter each know, together, as much as one that knows all.
    coarse = _pulled(
        4 * cv2.resize(total, size, interpolation=cv2.INTER_AREA),
        4 * cv2.resize(weights, size, interpolation=cv2.INTER_AREA),
        smooth - 1,
    )
    around = cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_LINEAR)
    if smooth > 0:
        return around
    return around + (mean - around) * own[..., None]
