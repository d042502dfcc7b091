"""Pixels that hold NaN or infinity, as renders do where something is divided by nothing, made finite."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stylize.footage.clip import Pixels


def made_finite(pixels: Pixels) -> tuple[Pixels, int]:
    """The pixels with finite values only, and how many pixels of theirs had others.

    NaN becomes the mean of the finite values around it, black where there are none; infinity the end of the range
    on its side. A filter would spread either over its whole window. All other values stay as they are.

    Args:
        pixels: (height, width, channels) float32.
    """
    finite = np.isfinite(pixels)
    if finite.all():
        return pixels, 0
    mended = np.nan_to_num(pixels, nan=0.0, posinf=1.0, neginf=0.0)
    for row, column, channel in np.argwhere(np.isnan(pixels)):
        around = (slice(max(0, row - 1), row + 2), slice(max(0, column - 1), column + 2), channel)
        mended[row, column, channel] = _mean(pixels[around][finite[around]])
    return mended, int((~finite).any(axis=2).sum())


def _mean(values: NDArray[np.float32]) -> float:
    return float(values.mean()) if values.size else 0.0
