"""The colour-difference key: how much of the screen's own colour is left in a pixel."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from compositing.colour import Image, Plane

RGB = tuple[float, float, float]


@dataclass(frozen=True)
class Difference:
    """kappa(X) = X_k - (w X_a + (1 - w) X_b): k the screen's channel, a and b the others in RGB's order.

    (Vlahos' colour difference, US 3,158,477, with Keylight's and IBK's weights between the other two.)
    """

    channel: int
    weight: float = 0.5

    @property
    def row(self) -> RGB:
        """What multiplies R, G and B."""
        weights = np.zeros(3)
        first, second = (each for each in range(3) if each != self.channel)
        weights[[self.channel, first, second]] = 1, -self.weight, self.weight - 1
        return float(weights[0]), float(weights[1]), float(weights[2])

    def __call__(self, light: Image) -> Plane:
        """Kappa of scene-linear RGB, (height, width): positive on the screen, at most 0 on what is not."""
        return cv2.transform(light, np.array([self.row], np.float32))

    def of(self, colour: RGB) -> float:
        """Kappa of one colour."""
        return float(np.dot(self.row, colour))

    def matte(self, light: Image, screen: Image) -> Plane:
        """1 - kappa(light) / kappa(screen) in [0, 1]: alpha, too low where the subject shares the colour."""
        clear = np.maximum(self(screen), np.float32(1e-4))
        return np.clip(1 - self(light) / clear, 0, 1)
