"""The drawing's own silhouette, reconciled with the plate's matte.

A model redraws edges: it lays an outline a pixel or two beside the plate's, rounds a sleeve, leaves out a strand.
The plate's matte would then cut the outline in two, or carry a rim of the ground that the subject was drawn on.
Where the edge is hard, alpha follows the drawing; where it is soft (hair, motion blur), the matte knows better.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from compositing.colour import Image, Plane, linear_from_srgb
from compositing.merge.spread import soften, spread_colour

LEAST_REACH_PX, LEAST_SOFT_PX = 2.5, 4.0
"""In small pictures a line is still a pixel or two wide, and a coded edge two or three."""


@dataclass(frozen=True)
class Silhouette:
    """How alpha follows a drawing.

    Attributes:
        reach_px: how far the drawing's edge may lie from the matte's, px at a height of 1080; 0 keeps the matte.
        difference: from the ground (display-referred, 0 to 1) at which a pixel surely belongs to the drawing.
        soft_px: an edge wider than this in the matte is hair or blur, px at a height of 1080.
    """

    reach_px: float = 6.0
    difference: float = 0.16
    soft_px: float = 8.0


def follow_silhouette(drawn: Image, matte: Plane, settings: Silhouette = Silhouette()) -> tuple[Image, Plane]:
    """The drawing as a premultiplied foreground with an alpha that follows its own edge.

    The drawing must stand on a ground that is flat, or nearly so, near the subject: its colour is read off the
    drawing itself, where the matte is empty.

    Args:
        drawn: (H, W, 3) float32 RGB in [0, 1], display-referred.
        matte: the plate's alpha, (H, W) float32 in [0, 1].

    Returns:
        The foreground, premultiplied and scene-linear, (H, W, 3), and alpha, (H, W) in [0, 1].
    """
    matte = np.clip(matte, 0, 1)
    unit = drawn.shape[0] / 1080
    reach = max(settings.reach_px * unit, LEAST_REACH_PX) if settings.reach_px > 0 else 0.0
    ground, _ = spread_colour(drawn, _surely(1 - matte, reach), 4 * max(reach, 1.0))
    alpha = matte
    if reach > 0:
        alpha = _reconciled(drawn, matte, ground, settings, reach, unit)
    light, under = linear_from_srgb(drawn), linear_from_srgb(ground)
    # What the ground shows through goes: F a = D - (1 - a) G, as a screen is subtracted.
    behind = cv2.multiply(under, cv2.merge([1 - alpha] * 3))
    # No paint is whiter than white: what is left over comes from a ground that is not as flat as it should be,
    # and beyond the reach of the matte nothing of the drawing is meant at all.
    premult = cv2.min(np.maximum(cv2.subtract(light, behind), 0), cv2.merge([alpha] * 3))
    return premult, alpha


def _surely(plane: Plane, reach: float) -> Plane:
    """Where a matte (or its reverse) is whole, `reach` px and more from its edge: 0 or 1."""
    side = 2 * int(np.ceil(reach)) + 1
    whole = (plane > 0.99).astype(np.float32)
    return cv2.erode(whole, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))


def _reconciled(
    drawn: Image, matte: Plane, ground: Image, settings: Silhouette, reach: float, unit: float
) -> Plane:
    body, known = spread_colour(drawn, _surely(matte, reach), 2 * max(reach, 1.0))
    own = _own_alpha(drawn, ground, body, known, matte, settings.difference)
    side = 2 * int(np.ceil(reach)) + 1
    near = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    inside = (matte > 0.5).astype(np.float32)  # a core that is not quite whole has no edge in it
    band = cv2.subtract(cv2.dilate(inside, near), cv2.erode(inside, near))
    band = np.clip(soften(band, max(0.5 * reach, 0.5)) * np.float32(2), 0, 1)
    trust = cv2.multiply(band, _hard(matte, max(settings.soft_px * unit, LEAST_SOFT_PX)))
    # The drawing's edge has to hang together with the subject: specks in the ground are no part of it.
    own = cv2.min(own, _reached(own, matte, near))
    mixed = cv2.add(cv2.multiply(own, trust), cv2.multiply(matte, 1 - trust))
    return np.clip(np.maximum(mixed, cv2.erode(matte, near)), 0, 1)


def _own_alpha(
    drawn: Image, ground: Image, body: Image, known: Plane, matte: Plane, difference: float
) -> Plane:
    """How much each pixel is the drawing and not its ground: by its place between both colours, or by ink.

    Where the drawing has the ground's own colour it says nothing, and the matte is kept.
    """
    apart, across = cv2.subtract(drawn, ground), cv2.subtract(body, ground)
    ones = np.ones((1, 3), np.float32)
    contrast = cv2.transform(cv2.multiply(across, across), ones)
    along = cv2.transform(cv2.multiply(apart, across), ones)
    projected = cv2.divide(along, np.maximum(contrast, np.float32(1e-4)))
    plain = np.clip((contrast - np.float32(0.3 * difference**2)) / np.float32(difference**2), 0, 1)
    told = cv2.multiply(plain, known)
    projected = cv2.add(cv2.multiply(np.clip(projected, 0, 1), told), cv2.multiply(matte, 1 - told))
    distance = cv2.sqrt(cv2.transform(cv2.multiply(apart, apart), ones))
    # A line's own edge is half ground: its alpha is its share of the darkest ink beside it.
    ink_nearby = np.maximum(cv2.dilate(distance, np.ones((5, 5), np.uint8)), np.float32(difference))
    faint = np.clip((distance - np.float32(0.35 * difference)) / np.float32(0.65 * difference), 0, 1)
    ink = cv2.multiply(cv2.divide(distance, ink_nearby), faint)
    return cv2.max(projected, ink)


def _hard(matte: Plane, soft_px: float) -> Plane:
    """1 where the matte's edge is a clean cut, 0 where it is hair or blur: by how much of the way is half-open."""
    half = np.float32(4) * cv2.multiply(matte, 1 - matte)
    share = soften(half, max(soft_px / 2, 0.8))
    return np.clip(np.float32(1.6) - share * np.float32(4.0), 0, 1)


def _reached(own: Plane, matte: Plane, near: np.ndarray) -> Plane:
    """The part of the drawing that grows out of the matte's inside: opening by reconstruction, a few steps."""
    grown = cv2.min(own, cv2.max(matte, cv2.erode(matte, near)))
    step = np.ones((3, 3), np.uint8)
    for _ in range(max(3, near.shape[0])):
        grown = cv2.min(own, cv2.dilate(grown, step))
    return grown
