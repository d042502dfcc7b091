"""The subject's own light at its edges: the screen subtracted, and its spill taken back."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Image, Plane
from compositing.screen.colour import ScreenColour
from compositing.screen.fill import fill

Values = NDArray[np.float32]
OWN = 0.25
"""How much of an edge pixel's colour comes from the subject nearby, the rest from the pixel less the screen."""
SPILL_REACH = 1 / 25
"""How far into the subject spill is looked for, in heights."""
COARSE = 4


def edge_foreground(light: Values, screen: Values, alpha: Values, colour: Values) -> Values:
    """Premultiplied foreground of n edge pixels, (n, 3).

    I - (1 - alpha) C keeps every detail and every error of C; alpha F has neither.
    Some of the second makes the best of both.

    Args:
        light, screen, colour: I, C and the local foreground F, (n, 3) scene-linear.
        alpha: (n,).
    """
    cover = alpha[:, None]
    subtracted = np.clip(light - (1 - cover) * screen, 0, None)
    return subtracted + np.float32(OWN) * (cover * colour - subtracted)


def despill(
    premult: Image,
    alpha: Plane,
    core: Plane,
    colour: ScreenColour,
    amount: float,
    kept: Plane | None = None,
    height: int | None = None,
) -> Image:
    """Takes back the screen's light from the subject, most at its edges and none deep inside.

    Nothing may hold more of the screen's colour (kappa) than the subject deeper inside does, so that denim
    before a blue screen stays blue. What is above is light of the screen's own colour, and is taken away as such:
    less green alone would leave the red of a yellow-green wall, an orange rim.

    Args:
        premult: premultiplied scene-linear RGB, (rows, columns, 3).
        alpha: (rows, columns).
        core: boolean, the sure subject.
        colour: the screen's.
        amount: 0 leaves all spill, 1 takes it all.
        kept: boolean, where nothing is touched.
        height: of the whole frame, px, where these are a part of it.
    """
    if amount == 0:
        return premult
    difference = colour.difference
    rows, columns = alpha.shape
    size = (max(1, columns // COARSE), max(1, rows // COARSE))
    depth = cv2.distanceTransform(
        cv2.resize(core.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST), cv2.DIST_L2, 3
    ) / np.float32(SPILL_REACH * (height or rows) / COARSE)
    small = cv2.resize(premult, size, interpolation=cv2.INTER_AREA)
    deep = np.clip(2 * depth - 1, 0, 1).astype(np.float32)
    own = np.maximum(difference(fill(small, deep, smooth=2)), 0)
    near = np.clip(2 - 2 * depth, 0, 1).astype(np.float32)
    limit, near = (cv2.resize(each, (columns, rows), interpolation=cv2.INTER_LINEAR) for each in (own, near))
    spill = np.maximum(difference(premult) - limit * alpha, 0) * near * np.float32(amount)
    if kept is not None:
        spill[kept] = 0
    share = spill / np.float32(max(difference.of(colour.rgb), 1e-4))
    taken = cv2.merge([share * np.float32(channel) for channel in colour.rgb])
    return np.maximum(premult - taken, 0)


def blur_fusion(light: Image, alpha: Plane, radius: int) -> Image:
    """Premultiplied foreground for a matte from elsewhere, where no clean plate is known.

    F = F' + alpha (I - alpha F' - (1 - alpha) B'), with F' and B' the blurred foreground and background
    (Forte, Approximate Fast Foreground Colour Estimation, ICIP 2021), twice: wide, then narrow.

    Args:
        light: scene-linear RGB, (height, width, 3).
        alpha: (height, width) in [0, 1].
        radius: of the wide blur, px.
    """
    colour, behind = light, light
    for reach in (radius, max(1, radius // 8)):
        side = (2 * reach + 1, 2 * reach + 1)
        front = cv2.blur(alpha, side)[..., None] + np.float32(1e-5)
        back = cv2.blur(1 - alpha, side)[..., None] + np.float32(1e-5)
        cover = alpha[..., None]
        blurred = cv2.blur(colour * cover, side) / front
        behind = cv2.blur(behind * (1 - cover), side) / back
        colour = np.clip(blurred + cover * (light - cover * blurred - (1 - cover) * behind), 0, None)
    return colour * alpha[..., None]
