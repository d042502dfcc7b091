"""The buffers that a picture is drawn into, four samples a pixel, and how it is read back."""

from __future__ import annotations

from typing import Any

import numpy as np

from compositing.colour import Image, Plane

SAMPLES = 4


class RenderTarget:
    """Light in half floats and nearness in floats, for pictures of one size.

    Args:
        context: a `moderngl.Context`.
        size: (width, height), px.
    """

    def __init__(self, context: Any, size: tuple[int, int]) -> None:
        self._context = context
        self.size = size
        samples = min(SAMPLES, context.max_samples)
        self._sampled = context.framebuffer(
            [
                context.renderbuffer(size, 4, samples=samples, dtype="f2"),
                context.renderbuffer(size, 1, samples=samples, dtype="f4"),
            ],
            context.depth_renderbuffer(size, samples=samples),
        )
        self._resolved = context.framebuffer(
            [context.renderbuffer(size, 4, dtype="f2"), context.renderbuffer(size, 1, dtype="f4")]
        )

    def begin(self) -> None:
        """Makes an empty picture of it, to draw into."""
        self._sampled.use()
        self._sampled.clear(0.0, 0.0, 0.0, 0.0, depth=1.0)

    def read(self) -> tuple[Image, Plane, Plane]:
        """What was drawn, the mean over each pixel's samples.

        Returns:
            Light, (height, width, 3) float32, scene-linear and premultiplied; alpha and nearness (1 / metres, not
            divided by alpha), (height, width) float32 each.
        """
        width, height = self.size
        self._context.copy_framebuffer(self._resolved, self._sampled)
        light = np.frombuffer(self._resolved.read(components=4, dtype="f2"), np.float16)
        light = light.reshape(height, width, 4)[::-1].astype(np.float32)
        nearness = np.frombuffer(self._resolved.read(components=1, attachment=1, dtype="f4"), np.float32)
        return light[..., :3], light[..., 3], nearness.reshape(height, width)[::-1]

    def release(self) -> None:
        self._sampled.release()
        self._resolved.release()
