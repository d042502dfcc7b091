"""Wide blurs at a fraction of the size: what is softer than a dozen pixels need not be blurred at full size."""

from __future__ import annotations

import cv2
import numpy as np

from compositing.colour import Image, Plane

FINE_PX = 4.0
"""A blur of this many pixels, at the reduced size, is as good as one at full size."""


def soften(picture: Image, sigma_px: float) -> Image:
    """Gaussian blur, float32, (H, W) or (H, W, 3); edges are mirrored."""
    if sigma_px <= 0:
        return picture
    rows, columns = picture.shape[:2]
    factor = max(1, min(int(sigma_px / FINE_PX), min(rows, columns) // 8))
    if factor == 1:
        return cv2.GaussianBlur(picture, (0, 0), sigma_px, borderType=cv2.BORDER_REFLECT)
    size = (max(columns // factor, 8), max(rows // factor, 8))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(
        small,
        (0, 0),
        sigma_px * size[0] / columns,
        sigmaY=sigma_px * size[1] / rows,
        borderType=cv2.BORDER_REFLECT,
    )
    return cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR)


def spread_colour(picture: Image, weight: Plane, sigma_px: float) -> tuple[Image, Plane]:
    """The local mean of a picture where `weight` counts, carried outwards; and how sure it is, (H, W) in [0, 1].

    mean = G*(weight picture) / G*weight (normalised convolution: Knutsson and Westin, CVPR 1993), at two widths:
    the narrow one where it knows anything, the wide one beyond. Worked out at a fraction of the size.
    """
    rows, columns = picture.shape[:2]
    factor = max(1, min(int(sigma_px / FINE_PX), 8, min(rows, columns) // 8))
    size = (max(columns // factor, 8), max(rows // factor, 8))
    total = cv2.resize(cv2.multiply(picture, cv2.merge([weight] * 3)), size, interpolation=cv2.INTER_AREA)
    count = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    means = []
    for sigma in (4 * sigma_px / factor, sigma_px / factor):
        counted = soften(count, sigma)
        floor = np.maximum(counted, np.float32(1e-4))
        means.append((cv2.divide(soften(total, sigma), cv2.merge([floor] * 3)), np.clip(50 * counted, 0, 1)))
    (wide, known_wide), (narrow, known) = means
    mix = cv2.merge([known] * 3)
    mean = cv2.add(cv2.multiply(narrow, mix), cv2.multiply(wide, 1 - mix))
    sure = np.maximum(known, known_wide)
    return cv2.resize(mean, (columns, rows)), cv2.resize(sure, (columns, rows))
