"""The shadow where the subject stands: without it, a figure floats."""

from __future__ import annotations

import cv2
import numpy as np

from compositing.colour import Image, Plane
from compositing.merge.spread import soften

CONTACT = 0.035
"""How far above its lowest point the subject still touches the ground, in picture heights."""
FAINT = 1e-3
"""A shadow that takes less than this is none."""
CUT = 0.3
"""The share of its width up to which the lower edge may cut a subject, and it still stands there."""
NEAR, WIDE = 3.0, 5.0
"""How much the feet hide of the light beside them, and farther away."""
FLAT = 0.28
"""A shadow on the ground is this many times as deep, in the picture, as it is wide."""


def contact_shadow(alpha: Plane, width_px: float) -> Plane:
    """How much of the ground's light the subject's feet take away, (H, W) in [0, 1].

    The feet are the lowest part of each piece of the matte. A subject that the lower edge cuts off broadly stands
    on nothing that is seen; one that only dips its foot below the edge does.

    Args:
        alpha: (H, W) float32 in [0, 1].
        width_px: how far the shadow reaches to the sides.
    """
    full = (alpha.shape[1], alpha.shape[0])
    factor = max(1, alpha.shape[0] // 200)  # a shadow this soft needs no more
    columns, rows = full[0] // factor, full[1] // factor
    small = cv2.resize(alpha, (columns, rows), interpolation=cv2.INTER_AREA)
    width_px /= factor
    shade = _feet(small)
    if not shade.any():
        return np.zeros((full[1], full[0]), np.float32)
    drop = max(1, round(0.15 * width_px * FLAT))
    shade = np.roll(shade, drop, axis=0)
    shade[:drop] = 0
    wide = cv2.resize(shade, (columns, max(1, round(rows / FLAT))), interpolation=cv2.INTER_LINEAR)
    # What the feet hide of the sky's light takes its share each time: close to them nearly none is left.
    hidden = NEAR * soften(wide, 0.3 * width_px) + WIDE * soften(wide, width_px)
    return cv2.resize(1 - np.exp(-hidden), full, interpolation=cv2.INTER_LINEAR)


def _feet(alpha: Plane) -> Plane:
    """The lowest part of each piece of a matte that the picture's lower edge does not cut off, stronger towards its
    end: (H, W)."""
    rows, columns = alpha.shape
    shade = np.zeros((rows, columns), np.float32)
    solid = (alpha > 0.5).astype(np.uint8)
    count, labels, facts, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    contact = max(2, round(CONTACT * rows))
    for label in range(1, count):
        left, top, width, height, area = (int(each) for each in facts[label])
        bottom = top + height
        cut = float((labels[rows - 1, left : left + width] == label).mean())
        shown = min(1.0, max(0.0, 2 - cut / CUT))
        if shown == 0 or area < 0.002 * rows * columns:
            continue
        first = max(top, bottom - contact)
        feet = np.float32(shown) * (labels[first:bottom, left : left + width] == label)
        near = np.linspace(0.2, 1.0, bottom - first, dtype=np.float32)[:, None]
        part = shade[first:bottom, left : left + width]
        np.maximum(part, feet * near, out=part)
    return shade


def lay_shadow(back: Image, shade: Plane, strength: float, tint: tuple[float, float, float]) -> Image:
    """The backdrop (scene-linear) under a shadow; `tint` is the light that is left in the shade."""
    if strength <= 0:
        return back
    left, top, width, height = cv2.boundingRect((shade > np.float32(FAINT)).astype(np.uint8))
    if width == 0:
        return back
    box = slice(top, top + height), slice(left, left + width)
    lit = back[box]
    mix = cv2.merge([np.clip(np.float32(strength) * shade[box], 0, 1)] * 3)
    laid = back.copy()
    laid[box] = cv2.add(cv2.multiply(lit * np.array(tint, np.float32), mix), cv2.multiply(lit, 1 - mix))
    return laid
