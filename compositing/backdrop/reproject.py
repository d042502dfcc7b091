"""Where one view's pixels lie in another view of the same set, by its depth."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.camera.record import View
from compositing.colour import Plane

Mask = NDArray[np.bool_]

SAME = 0.03
"""Depths that differ by less than this share belong to one surface."""
NEIGHBOURS = np.ones((3, 3), np.uint8)


def places_in_key(view: View, depth: Plane, key: View, key_depth: Plane) -> tuple[Plane, Plane, Mask]:
    """Where in a key picture each pixel of a view is.

    Args:
        view, key: without distortion.
        depth, key_depth: of the set along their axes, (H, W) float32, metres; infinity is far.

    Returns:
        Column and row in the key picture, (H, W) float32 each, and whether the key shows it, (H, W): it lies inside
        the picture, and nothing stands before it.
    """
    width, height = view.size
    x = ((np.arange(width) - view.matrix[0, 2]) / view.matrix[0, 0]).astype(np.float32)
    y = ((np.arange(height) - view.matrix[1, 2]) / view.matrix[1, 1]).astype(np.float32)[:, None]
    turn = (key.rotation @ view.rotation.T).astype(np.float32)
    shift = (key.rotation @ (view.position - key.position)).astype(np.float32)
    # In units of the pixel's own depth, so that infinity is a number like any other.
    nearness = np.where(np.isfinite(depth), 1 / np.maximum(depth, np.float32(1e-4)), np.float32(0))
    seen = [turn[k, 0] * x + turn[k, 1] * y + turn[k, 2] + shift[k] * nearness for k in range(3)]
    ahead = seen[2] > 1e-3
    inverse = 1 / np.where(ahead, seen[2], np.float32(1))
    across = seen[0] * inverse * np.float32(key.matrix[0, 0]) + np.float32(key.matrix[0, 2])
    down = seen[1] * inverse * np.float32(key.matrix[1, 1]) + np.float32(key.matrix[1, 2])
    columns, rows = key.size
    inside = ahead & (across > -0.51) & (across < columns - 0.49) & (down > -0.51) & (down < rows - 0.49)
    if np.array_equal(view.position, key.position):  # from one place nothing hides another thing anew
        return across.astype(np.float32), down.astype(np.float32), inside
    key_nearness = np.where(np.isfinite(key_depth), 1 / np.maximum(key_depth, np.float32(1e-4)), 0).astype(
        np.float32
    )
    # Nearness, unlike depth, is linear across a plane, so it may be interpolated. At a step, either side will do:
    # there the picture itself is a mixture of both.
    farthest, nearest = (
        cv2.remap(
            step(key_nearness, NEIGHBOURS), across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        for step in (cv2.erode, cv2.dilate)
    )
    expected = nearness * inverse
    slack = np.float32(SAME) * np.maximum(expected, nearest) + np.float32(1e-5)
    agrees = (expected >= farthest - slack) & (expected <= nearest + slack)
    return across.astype(np.float32), down.astype(np.float32), inside & agrees
