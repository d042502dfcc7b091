"""Means along the flow of a picture: fur, hair and folds become locks and bands instead of patches."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from stylize.finish.ink import edge_tangent

Plane = NDArray[np.float32]

STRIDE_PX = 1.5


def mean_along_flow(field: Plane, grey: Plane, reach_px: float) -> Plane:
    """`field` averaged along the edges of `grey`, `reach_px` both ways with falling weight, and not across them.

    Args:
        field, grey: (H, W) float32.

    Returns:
        (H, W) float32.

    Source: Cabral and Leedom, "Imaging Vector Fields Using Line Integral Convolution", SIGGRAPH 1993.
    """
    tangent_x, tangent_y = edge_tangent(grey)
    places = np.indices(field.shape, dtype=np.float32)
    total, weights = field.astype(np.float32).copy(), 1.0
    for way in (STRIDE_PX, -STRIDE_PX):
        x, y = np.array(places[1], np.float32), np.array(places[0], np.float32)
        head_x, head_y = way * tangent_x, way * tangent_y
        for step in range(1, round(reach_px / STRIDE_PX) + 1):
            weight = float(np.exp(-0.5 * (2 * step * STRIDE_PX / reach_px) ** 2))
            x += head_x
            y += head_y
            total += weight * _sample(field, x, y)
            weights += weight
            turn_x, turn_y = _sample(tangent_x, x, y), _sample(tangent_y, x, y)
            # A tangent has no sign of its own: it is turned to go on the way that was come.
            onwards = np.copysign(np.float32(STRIDE_PX), turn_x * head_x + turn_y * head_y)
            head_x, head_y = turn_x * onwards, turn_y * onwards
    return np.asarray(total / weights, np.float32)


def _sample(field: Plane, x: Plane, y: Plane) -> Plane:
    return np.asarray(cv2.remap(field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
