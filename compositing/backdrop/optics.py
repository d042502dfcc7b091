"""What a lens and a shutter do to a picture of a set: motion blur and depth of field."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from compositing.colour import Image, Plane

RINGS = 7
"""Widths of blur that depth of field is made of."""


@dataclass(frozen=True)
class Optics:
    """What a lens and a shutter do.

    Attributes:
        shutter: the part of a frame's time that it is open, centred on the frame: .5 is 180 degrees; 0 is off.
        samples: moments that a blurred frame is made of.
        f_stop: 0 is a pinhole: everything is sharp.
        focus_m: where it is sharp.
    """

    shutter: float = 0.0
    samples: int = 8
    f_stop: float = 0.0
    focus_m: float = 4.0


def confusion_px(depth: Plane, focal_mm: float, optics: Optics, pixels_per_mm: float) -> Plane:
    """The diameter, px, of the disc that a point at `depth` (metres) becomes, by a thin lens."""
    focus_mm = max(1000 * optics.focus_m, 1.5 * focal_mm)
    aperture_mm = focal_mm / optics.f_stop
    away = np.abs(1 - focus_mm / np.maximum(1000 * depth.astype(np.float64), 1.0))
    return np.asarray(away * aperture_mm * focal_mm / (focus_mm - focal_mm) * pixels_per_mm, np.float32)


def defocus(light: Image, depth: Plane, blur: Plane, focus_m: float) -> Image:
    """Discs of many widths, laid from the back to the front, so that what is sharp stays sharp beside what is not.

    Args:
        light: (H, W, 3) float32, scene-linear.
        depth: (H, W) metres.
        blur: the discs' diameters, (H, W) px.
        focus_m: what is nearer than this covers what it blurs over.
    """
    widest = float(np.percentile(blur, 99.5))
    if widest < 0.7:
        return light
    signed = np.where(depth > focus_m, blur, -blur)
    edges = np.linspace(0, 1, RINGS + 1) ** 1.5 * widest
    steps = np.concatenate([-edges[::-1], edges[1:]])
    result, covered = light.copy(), False
    for low, high in zip(
        steps[-2::-1], steps[:0:-1], strict=True
    ):  # the farthest behind the focus comes first
        first, last = not covered, low == steps[0]
        part = ((signed > low) | last) & ((signed <= high) | first)
        if not part.any():
            continue
        mask = part.astype(np.float32)
        disc = _disc(abs(low + high) / 2)
        premult = cv2.multiply(light, cv2.merge([mask] * 3))
        if disc is not None:
            premult, mask = (
                cv2.filter2D(each, -1, disc, borderType=cv2.BORDER_REPLICATE) for each in (premult, mask)
            )
        if not covered:
            full = cv2.merge([np.maximum(mask, np.float32(1e-3))] * 3)
            result = np.where(mask[..., None] > 1e-3, cv2.divide(premult, full), result)
            covered = True
        else:
            result = cv2.add(premult, cv2.multiply(result, cv2.merge([1 - np.clip(mask, 0, 1)] * 3)))
    return np.asarray(result, np.float32)


def _disc(diameter: float) -> Plane | None:
    if diameter < 0.7:
        return None
    reach = int(np.ceil(diameter / 2))
    x = np.arange(-reach, reach + 1, dtype=np.float32)
    distance = np.hypot(x, x[:, None])
    disc = np.clip(np.float32(diameter / 2 + 0.5) - distance, 0, 1)
    return np.asarray(disc / disc.sum(), np.float32)
