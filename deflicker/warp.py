"""Backward warping: what another frame shows, drawn where this frame has it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

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


def seen_along(guide: NDArray[np.uint8], flow: Field) -> NDArray[Any]:
    """A photographed frame, (height, width, 3) uint8, where `flow` leads, bilinearly.

    It is sampled with a fourth channel: OpenCV takes half as long for four as for three, to the same numbers.
    """
    positions = cv2.add(grid(*flow.shape[:2]), flow)
    padded = cv2.cvtColor(guide, cv2.COLOR_RGB2RGBA)
    seen = cv2.remap(padded, positions, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
    return cv2.cvtColor(seen, cv2.COLOR_RGBA2RGB)


def resize_flow(flow: Field, height: int, width: int) -> Field:
    """The same motion on a grid of another size: resampled, and its pixels rescaled."""
    rows, columns = flow.shape[:2]
    if (rows, columns) == (height, width):
        return flow
    resized = cv2.resize(flow, (width, height), interpolation=cv2.INTER_LINEAR)
    across, down = cv2.split(resized)
    return cv2.merge([across * np.float32(width / columns), down * np.float32(height / rows)])


def enlarged_rows(field: Field | Image | Plane, shape: tuple[int, int], top: int, bottom: int) -> Image:
    """Rows [top, bottom) of what `cv2.resize` (bilinear) would make of `field` at `shape`, and no more.

    Values are not rescaled. Args: field, (rows, columns[, channels]) float32; shape, (height, width) wanted.
    """
    rows, columns = field.shape[:2]
    if (rows, columns) == shape:
        return field[top:bottom]
    if rows == shape[0]:
        band = field[top:bottom]
    else:
        at = (np.arange(top, bottom, dtype=np.float64) + 0.5) * rows / shape[0] - 0.5
        at = np.clip(at, 0, rows - 1)
        above = np.floor(at).astype(np.intp)
        below = np.minimum(above + 1, rows - 1)
        share = (at - above).astype(np.float32).reshape(-1, *(1,) * (field.ndim - 1))
        band = field[above] * (1 - share) + field[below] * share
    return cv2.resize(band, (shape[1], bottom - top), interpolation=cv2.INTER_LINEAR)
