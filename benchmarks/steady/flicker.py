"""Plants the flicker that frame-by-frame stylization makes: colour, texture, and lines that move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Flicker:
    """Standard deviations of what changes from frame to frame; sizes are px at a height of 288."""

    gain: float = 0.10
    gamma: float = 0.12
    balance: float = 0.03
    local: float = 0.05
    """Colour of patches about 45 px wide."""
    texture: float = 0.04
    """Brush marks about 1.6 px wide, painted anew in each frame."""
    shift: float = 1.2
    """Displacement of the drawing, in px, coherent over about 14 px."""

    def plant(self, clean: Array, seed: int) -> Array:
        """Returns `clean` (height, width, 3) in [0, 1] as one more independent drawing would show it."""
        rng = np.random.default_rng((seed, 77))
        height, width = clean.shape[:2]
        unit = height / 288
        dx, dy = (self.shift * unit * _field(rng, height, width, 14 * unit) for _ in range(2))
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        frame = cv2.remap(clean, x + dx, y + dy, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        frame = np.clip(frame, 0, 1) ** np.float32(np.exp(rng.normal(0, self.gamma)))
        frame *= (np.exp(rng.normal(0, self.gain)) + rng.normal(0, self.balance, 3)).astype(np.float32)
        for channel in range(3):
            frame[..., channel] += self.local * _field(rng, height, width, 45 * unit)
        frame += self.texture * _field(rng, height, width, 1.6 * unit)[..., None]
        return np.clip(frame, 0, 1).astype(np.float32)


def _field(rng: np.random.Generator, height: int, width: int, sigma: float) -> Array:
    """Smooth noise of unit deviation, correlated over `sigma` px."""
    step = max(1, int(sigma / 3))
    shape = (height // step + 2, width // step + 2)
    noise: Array = cv2.GaussianBlur(rng.standard_normal(shape).astype(np.float32), (0, 0), sigma / step)
    noise /= max(float(noise.std()), 1e-6)
    return cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
