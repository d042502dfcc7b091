"""Plants the flicker that frame-by-frame stylization makes.

Colour, texture, lines that move, things that are drawn in a few frames only, and errors to one side that no
mean over time takes out.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
LONGEST_POP = 3
"""Frames."""


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
    pops: float = 1.5
    """Marks with an outline that appear, a frame on average, and stay for one to three frames."""
    bias: float = 0.04
    """Shadow that falls on patches about 30 px wide in a third of the frame, never light."""

    def plant(self, clean: Array, seed: int, index: int) -> Array:
        """Returns `clean` (height, width, 3) in [0, 1] as one more independent drawing, frame `index`."""
        rng = np.random.default_rng((seed, index, 77))
        height, width = clean.shape[:2]
        unit = height / 288
        dx, dy = (self.shift * unit * _field(rng, height, width, 14 * unit) for _ in range(2))
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        popped = self._with_pops(clean, seed, index)
        frame = cv2.remap(popped, x + dx, y + dy, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        frame = np.clip(frame, 0, 1) ** np.float32(np.exp(rng.normal(0, self.gamma)))
        frame *= (np.exp(rng.normal(0, self.gain)) + rng.normal(0, self.balance, 3)).astype(np.float32)
        for channel in range(3):
            frame[..., channel] += self.local * _field(rng, height, width, 45 * unit)
        frame += self.texture * _field(rng, height, width, 1.6 * unit)[..., None]
        shadow = np.clip(_field(rng, height, width, 30 * unit) - np.float32(0.4), 0, 1)
        frame -= np.float32(2 * self.bias) * shadow[..., None]
        return np.clip(frame, 0, 1).astype(np.float32)

    def only(self, kind: str) -> Flicker:
        """The same strength of one kind alone: colour, texture, shift, pops, bias, or none."""
        kept = {"colour": ("gain", "gamma", "balance", "local"), "none": ()}.get(kind, (kind,))
        return replace(self, **{field.name: 0.0 for field in fields(self) if field.name not in kept})

    def _with_pops(self, clean: Array, seed: int, index: int) -> Array:
        """The drawing with the marks that were born in this frame or shortly before, and are still there."""
        frame = clean.copy()
        height, width = clean.shape[:2]
        unit = height / 288
        for born in range(max(0, index - LONGEST_POP + 1), index + 1):
            rng = np.random.default_rng((seed, born, 78))
            for _ in range(rng.poisson(self.pops)):
                lasts = int(rng.integers(1, LONGEST_POP + 1))
                centre = (int(rng.integers(width)), int(rng.integers(height)))
                axes = tuple(max(1, int(unit * side)) for side in rng.integers(3, 16, 2))
                colour, turned = rng.uniform(0.1, 0.9, 3).tolist(), float(rng.uniform(0, 180))
                if born + lasts > index:
                    cv2.ellipse(frame, centre, axes, turned, 0, 360, colour, -1, cv2.LINE_AA)
                    thick = max(1, round(1.5 * unit))
                    cv2.ellipse(frame, centre, axes, turned, 0, 360, (0.1,) * 3, thick, cv2.LINE_AA)
        return frame


def _field(rng: np.random.Generator, height: int, width: int, sigma: float) -> Array:
    """Smooth noise of unit deviation, correlated over `sigma` px."""
    step = max(1, int(sigma / 3))
    shape = (height // step + 2, width // step + 2)
    noise: Array = cv2.GaussianBlur(rng.standard_normal(shape).astype(np.float32), (0, 0), sigma / step)
    noise /= max(float(noise.std()), 1e-6)
    return cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
