"""Light rays: shafts from a source through what is bright around it; the subject stands in their way."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from compositing.colour import Image, luminance
from compositing.merge.spread import soften
from compositing.overlays.base import ALWAYS, OverlayContext, Span, place_of

STEPS = 7
"""Doublings of the radial blur: 2^7 taps."""
AROUND = 0.1
"""In heights: what is around a shaft."""


@dataclass(frozen=True)
class LightRays:
    """A zoom blur of the bright parts about a source (Mitchell, GPU Gems 3, chapter 13), by doubling.

    Attributes:
        at: where the source is: parts of the picture (across, down), also outside it; or world metres (x, y, z).
        amount: of the light that is added.
        length: how far the shafts reach, in parts of the way from the source.
        threshold: scene-linear luminance from which something shines.
        tint: of the shafts.
        haze: how much of the even light between the shafts is added too.
    """

    at: tuple[float, ...] = (0.75, -0.1)
    amount: float = 0.5
    length: float = 0.6
    threshold: float = 0.5
    tint: tuple[float, float, float] = (1.0, 0.92, 0.75)
    haze: float = 0.2
    span: Span = ALWAYS

    def apply(self, light: Image, context: OverlayContext) -> Image:
        strength = self.amount * self.span.at(context.frame)
        if strength <= 0:
            return light
        height, width = light.shape[:2]
        factor = max(1, height // 270)  # shafts are soft
        size = (max(1, width // factor), max(1, height // factor))
        over = (luminance(light) - np.float32(self.threshold)) / np.float32(0.5 * self.threshold + 1e-6)
        shine = cv2.multiply(np.clip(over, 0, 1), np.minimum(luminance(light), np.float32(2)))
        if context.alpha is not None:
            shine = cv2.multiply(shine, 1 - context.alpha)
        source = place_of(self.at, light, context.view)
        shafts = cv2.resize(shine, size, interpolation=cv2.INTER_AREA)
        middle = (source + 0.5) / factor - 0.5
        for step in range(STEPS):
            # The mean of the picture and itself drawn out from the source; each step reaches twice as far.
            scale = (1 / (1 - min(self.length, 0.97))) ** (2.0**step / 2.0**STEPS)
            onto = np.array([[scale, 0, middle[0] * (1 - scale)], [0, scale, middle[1] * (1 - scale)]])
            drawn = cv2.warpAffine(
                shafts, onto, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
            shafts = cv2.addWeighted(shafts, 0.5, drawn, 0.5, 0)
        # A bright sky shines alike everywhere: what exceeds the ways beside it is a shaft, the rest is haze.
        around = soften(shafts, AROUND * size[1])
        shafts = np.maximum(shafts - np.float32(1 - self.haze) * around, 0)
        full = cv2.resize(shafts, (width, height), interpolation=cv2.INTER_LINEAR)
        colour = np.float32(strength) * np.array(self.tint, np.float32)
        return cv2.add(light, cv2.merge([full * colour[k] for k in range(3)]))
