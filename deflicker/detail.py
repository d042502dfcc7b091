"""Gives back the crispness that averaging took, and no more."""

from __future__ import annotations

import cv2
import numpy as np

from deflicker.arrays import Image, Plane

STRONGEST = 2.0
"""Detail is at most doubled."""
FAINT = np.float32(1e-6)
"""Energy of a quarter of an 8-bit level: below it there is no detail to speak of."""


def restore_detail(fused: Image, drawn: Image, unit: float, amount: float) -> Image:
    """An unsharp mask whose strength is measured: detail is raised towards the energy it had when drawn.

    With H the detail finer than 1.5 units and e(.) its mean square luma over 6 units, H(fused) is
    multiplied by sqrt(e(drawn) / e(fused)), between 1 and `STRONGEST`. No pixel leaves the range of its 3 x 3
    neighbourhood in `fused`, so no halo can appear.

    Args:
        fused, drawn: the frame after and before fusion, (height, width, 3) float32.
        unit: pixels per unit; one at a height of 288.
        amount: how much of the loss to make good, in [0, 1].
    """
    if amount == 0:
        return fused
    detail = cv2.subtract(fused, cv2.GaussianBlur(fused, (0, 0), 1.5 * unit))
    lost = cv2.divide(_energy(drawn, unit) + FAINT, _energy(fused, unit) + FAINT)
    gain = (np.clip(cv2.sqrt(lost), 1.0, STRONGEST) - 1.0) * np.float32(amount)
    sharp = cv2.add(fused, cv2.multiply(detail, cv2.merge([gain] * 3)))
    square = np.ones((3, 3), np.uint8)
    return cv2.min(cv2.max(sharp, cv2.erode(fused, square)), cv2.dilate(fused, square))


def _energy(image: Image, unit: float) -> Plane:
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    detail = cv2.subtract(luma, cv2.GaussianBlur(luma, (0, 0), 1.5 * unit))
    square = cv2.multiply(detail, detail)
    rows, columns = luma.shape
    half = (max(1, columns // 2), max(1, rows // 2))
    small = cv2.GaussianBlur(cv2.resize(square, half, interpolation=cv2.INTER_AREA), (0, 0), 3 * unit)
    return cv2.resize(small, (columns, rows))
