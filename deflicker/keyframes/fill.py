"""Values where nothing is known, from what is known around (push and pull, as in Gortler et al., SIGGRAPH 1996)."""

from __future__ import annotations

import cv2
import numpy as np

from deflicker.arrays import Image, Plane

SMALLEST = 4


def fill(values: Image, known: Plane, below: float = 1.0) -> Image:
    """The values where they are known at least `below`, and elsewhere a smooth continuation of them.

    Args:
        values: (height, width, channels) float32.
        known: how far each is known, (height, width) float32 in [0, 1].
        below: values known less are replaced in part, by how little they are known.

    Returns:
        float32 of the values' shape.
    """
    weight = np.clip(known, 0, 1).astype(np.float32)
    smooth = _pulled(values * weight[..., None], weight)
    keep = np.clip(weight / np.float32(below), 0, 1)[..., None]
    return np.asarray(smooth + keep * (values - smooth), np.float32)


def _pulled(weighted: Image, weight: Plane) -> Image:
    """Weighted means of neighbourhoods as large as it takes to know them."""
    rows, columns = weight.shape
    total = np.maximum(weight, np.float32(1e-6))[..., None]
    mean = weighted / total
    if min(rows, columns) <= SMALLEST:
        whole = weighted.sum(axis=(0, 1)) / max(float(weight.sum()), 1e-6)
        share = np.minimum(weight, 1)[..., None]
        return np.asarray(mean * share + whole * (1 - share), np.float32)
    size = (-(-columns // 2), -(-rows // 2))
    less = cv2.resize(weighted, size, interpolation=cv2.INTER_AREA)
    less_weight = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    gain = np.minimum(less_weight * 4, 1) / np.maximum(less_weight, np.float32(1e-6))
    coarse = _pulled(less.reshape(*less_weight.shape, -1) * gain[..., None], less_weight * gain)
    coarse = cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_LINEAR).reshape(weighted.shape)
    share = np.minimum(weight, 1)[..., None]
    return np.asarray(mean * share + coarse * (1 - share), np.float32)
