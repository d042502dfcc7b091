"""Glow: bright parts bleed into their surroundings, as through a diffusion filter."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from compositing.colour import Image, luminance
from compositing.merge.spread import soften
from compositing.overlays.base import ALWAYS, OverlayContext, Span


@dataclass(frozen=True)
class Glow:
    """Attributes:
    amount: of the light that is added.
    threshold: scene-linear luminance from which a pixel glows, fully at one and a half times it.
    width_px: of the widest blur, at a height of 1080.
    tint: of the glow.
    """

    amount: float = 0.5
    threshold: float = 0.6
    width_px: float = 60.0
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    span: Span = ALWAYS

    def apply(self, light: Image, context: OverlayContext) -> Image:
        strength = self.amount * self.span.at(context.frame)
        if strength <= 0:
            return light
        over = (luminance(light) - np.float32(self.threshold)) / np.float32(0.5 * self.threshold + 1e-6)
        bright = cv2.multiply(light, cv2.merge([np.clip(over, 0, 1)] * 3))
        width = self.width_px * light.shape[0] / 1080
        bloom = cv2.addWeighted(soften(bright, width), 0.6, soften(bright, width / 4), 0.4, 0)
        return cv2.add(light, bloom * (np.float32(strength) * np.array(self.tint, np.float32)))
