"""Light of the backdrop on the subject's edge: wrap and grade."""

from __future__ import annotations

import cv2
import numpy as np

from compositing.colour import Image, Plane, luminance
from compositing.merge.spread import soften


def light_wrap(front_premult: Image, alpha: Plane, back: Image, amount: float, width_px: float) -> Image:
    """The subject's rim takes on the light behind it, as in a lens that scatters.

    The rim is where the blurred matte has an inside that is not whole; there the colour goes towards the blurred
    backdrop, never beyond it, so nothing is brightened that the backdrop does not outshine or tint.

    Args:
        front_premult: (H, W, 3) float32, premultiplied, scene-linear.
        alpha: (H, W) float32 in [0, 1].
        back: (H, W, 3) float32, scene-linear.
        amount: 0 to 1.
        width_px: of the rim.
    """
    if amount <= 0 or width_px <= 0:
        return front_premult
    open_ = soften(1 - alpha, width_px)
    rim = np.float32(amount) * cv2.multiply(alpha, np.clip(2 * open_, 0, 1))
    around = soften(cv2.multiply(back, cv2.merge([1 - alpha] * 3)), width_px)
    around = cv2.divide(around, cv2.merge([np.maximum(open_, np.float32(1e-3))] * 3))
    lit = cv2.multiply(around, cv2.merge([alpha] * 3))
    brighter = cv2.max(lit, front_premult)
    weight = cv2.merge([rim] * 3)
    return cv2.add(cv2.multiply(brighter, weight), cv2.multiply(front_premult, 1 - weight))


def edge_grade(front_premult: Image, alpha: Plane, back: Image, amount: float, width_px: float) -> Image:
    """The subject takes on the tint of the light around it: all of it a little, its rim the most.

    The tint is the backdrop's local mean over its own luminance, so brightness stays. Arguments as `light_wrap`.
    """
    if amount <= 0:
        return front_premult
    mean = soften(back, 6 * max(width_px, 1.0))
    level = np.maximum(luminance(mean), np.float32(1e-3))
    tint = np.clip(cv2.divide(mean, cv2.merge([level] * 3)), 0.25, 4.0).astype(np.float32)
    rim = np.clip(2 * soften(1 - alpha, max(width_px, 0.5)), 0, 1)
    weight = np.float32(amount) * (np.float32(0.3) + np.float32(0.7) * rim)
    mix = cv2.merge([weight] * 3)
    return cv2.multiply(front_premult, cv2.add(cv2.multiply(tint, mix), 1 - mix))
