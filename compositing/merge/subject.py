"""The merge: a subject before a backdrop, in scene-linear light, premultiplied."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from compositing.colour import Image, Plane, over, premultiply
from compositing.errors import SizeMismatch, sizes
from compositing.merge.grain import grainy
from compositing.merge.shadow import contact_shadow, lay_shadow
from compositing.merge.wrap import edge_grade, light_wrap


@dataclass(frozen=True)
class MergeSettings:
    """How a subject is set into its backdrop. Lengths are px at a height of 1080; 0 turns a step off.

    Attributes:
        wrap, wrap_px: how much of the backdrop's light falls on the subject's rim, and how far in.
        grade: how far the subject takes on the tint of the light around it.
        shadow, shadow_px: how dark the shadow under its feet is, and how wide.
        shadow_tint: the light left in the shade.
        kept_shadow: how much of the shadow that the plate's screen showed is laid on the backdrop.
        back_grain: the deviation of the grain that the backdrop is given, display-referred: the subject's own.
        grain: of the grain over the whole picture.
        seed: of the grain.
    """

    wrap: float = 0.2
    wrap_px: float = 10.0
    grade: float = 0.25
    shadow: float = 0.45
    shadow_px: float = 60.0
    shadow_tint: tuple[float, float, float] = (0.10, 0.10, 0.16)
    kept_shadow: float = 0.0
    back_grain: float = 0.0
    grain: float = 0.0
    seed: int = 0


def merge_subject(
    front_premult: Image,
    alpha: Plane,
    back: Image,
    settings: MergeSettings = MergeSettings(),
    *,
    frame: int = 0,
    shadow: Plane | None = None,
) -> Image:
    """Sets a subject before a backdrop.

    Args:
        front_premult: the subject, (H, W, 3) float32, premultiplied, scene-linear.
        alpha: (H, W) float32 in [0, 1].
        back: (H, W, 3) float32, scene-linear.
        settings: see there.
        frame: seeds the grain.
        shadow: what the plate's screen had left of its light, (H, W) float32, 1 where it lay in the light.

    Returns:
        (H, W, 3) float32, scene-linear.

    Raises:
        SizeMismatch: the three are not of one size.
    """
    check_sizes(front_premult, alpha, back)
    unit = alpha.shape[0] / 1080
    if settings.shadow > 0:
        shade = contact_shadow(alpha, settings.shadow_px * unit)
        back = lay_shadow(back, shade, settings.shadow, settings.shadow_tint)
    if settings.kept_shadow > 0 and shadow is not None:
        left = 1 - np.float32(settings.kept_shadow) * (1 - np.clip(shadow, 0, 1))
        back = premultiply(back, left)
    if settings.back_grain > 0:
        back = grainy(back, settings.back_grain, frame, settings.seed + 1)
    box = _box(alpha, 12 * settings.wrap_px * unit)
    if box is None:
        picture = back
    else:  # beyond the subject and what its light is mixed from, the picture is the backdrop
        front, matte, behind = front_premult[box], np.ascontiguousarray(alpha[box]), back[box]
        front = light_wrap(front, matte, behind, settings.wrap, settings.wrap_px * unit)
        front = edge_grade(front, matte, behind, settings.grade, settings.wrap_px * unit)
        picture = back.copy()
        picture[box] = over(front, matte, behind)
    return grainy(picture, settings.grain, frame, settings.seed) if settings.grain > 0 else picture


def _box(alpha: Plane, margin_px: float) -> tuple[slice, slice] | None:
    """The rows and columns that hold the subject and a margin; None where there is no subject."""
    left, top, width, height = cv2.boundingRect((alpha > 0).astype(np.uint8))
    if not width:
        return None
    margin = int(np.ceil(margin_px))
    return slice(max(0, top - margin), top + height + margin), slice(
        max(0, left - margin), left + width + margin
    )


def check_sizes(front: Image, alpha: Plane, back: Image) -> None:
    """Refuses parts of different sizes.

    Raises:
        SizeMismatch: naming them.
        ValueError: they are no arrays of these kinds.
    """
    found = sizes(front.shape, alpha.shape, back.shape)
    if len(set(found)) > 1:
        raise SizeMismatch(f"The foreground is {found[0]}, its matte {found[1]}, the backdrop {found[2]}.")
    if front.ndim != 3 or alpha.ndim != 2 or back.ndim != 3:
        raise ValueError("a merge needs colour, (H, W, 3), a matte, (H, W), and a backdrop, (H, W, 3).")
