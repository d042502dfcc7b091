"""Display-referred values and scene-linear light."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def linear_from_srgb(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scene-linear light from display-referred values in [0, 1], by IEC 61966-2-1; float32, same shape."""
    low = values <= 0.04045
    return np.where(low, values / 12.92, ((np.maximum(values, 0.04045) + 0.055) / 1.055) ** 2.4).astype(
        np.float32
    )


def srgb_from_linear(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """The inverse of `linear_from_srgb`; light outside [0, 1] is clipped. float32, same shape."""
    light = np.clip(light, 0, 1)
    low = light <= 0.0031308
    return np.where(low, light * 12.92, 1.055 * np.maximum(light, 0.0031308) ** (1 / 2.4) - 0.055).astype(
        np.float32
    )
