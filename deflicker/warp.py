"""Backward warping: what another frame shows, drawn where this frame has it."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from deflicker.arrays import Field, Image, Plane


@lru_cache(maxsize=8)
def grid(height: int, width: int) -> Field:
    """The pixel positions themselves, (height, width, 2) as (x, y); read-only."""
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    positions = np.ascontiguousarray(np.stack([x, y], axis=-1))
    positions.flags.writeable = False
    return positions


def warp(picture: Image | Field | Plane, flow: Field, *, smooth: bool = True) -> Image:
    """Samples `picture` at x + flow(x), repeating its border outside.

    With flow F(t->u) and the picture of time u, the result shows time u in the geometry of time t.

    Args:
        picture: (height, width) or (height, width, channels) float32, any range.
        flow: (height, width, 2) float32 px.
        smooth: bicubic (it can overshoot by a few hundredths); else bilinear.

    Returns:
        float32 of the picture's shape.
    """
    positions = cv2.add(grid(*flow.shape[:2]), flow)
    how = cv2.INTER_CUBIC if smooth else cv2.INTER_LINEAR
    border = cv2.BORDER_REPLICATE
    return cv2.remap(picture, positions, None, how, borderMode=border)  # type: ignore[call-overload]


def resize_flow(flow: Field, height: int, width: int) -> Field:
    """The same motion on a grid of another size: resampled, and its pixels rescaled."""
    rows, columns = flow.shape[:2]
    if (rows, columns) == (height, width):
        return flow
    resized = cv2.resize(flow, (width, height), interpolation=cv2.INTER_LINEAR)
    across, down = cv2.split(resized)
    return cv2.merge([across * np.float32(width / columns), down * np.float32(height / rows)])
