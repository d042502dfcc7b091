"""A face that was drawn larger, laid into the picture that it belongs to."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from stylize.footage.clip import Pixels

REACH, FEATHER = 0.8, 0.3
"""How far the laid face reaches from its middle, in sides of the face, and over what part of that it fades."""
TONE = 0.2
"""The deviation of the blur, in sides of the square, beyond which colours stay those of the picture."""


def cut_square(picture: Pixels, left: int, top: int, side: int, size: int) -> Pixels:
    """A square part of a picture, (size, size, 3); beyond the picture's edges stands its mirror image."""
    height, width = picture.shape[:2]
    inside = picture[max(0, top) : max(0, top + side), max(0, left) : max(0, left + side)]
    if inside.size == 0:
        return np.zeros((size, size, picture.shape[2]), np.float32)
    beyond = (
        min(side, max(0, -top)),
        min(side, max(0, top + side - height)),
        min(side, max(0, -left)),
        min(side, max(0, left + side - width)),
    )
    if any(beyond):
        inside = np.asarray(cv2.copyMakeBorder(inside, *beyond, cv2.BORDER_REFLECT), np.float32)
    return resized(inside, size)


def lay_square(picture: Pixels, drawn: Pixels, left: int, top: int, margin: float, weight: float) -> None:
    """Lays a face over `picture`, where it stands, with a soft edge; broad colours stay as they are there.

    Args:
        picture: (H, W, 3) float32 RGB in [0, 1]; is written to.
        drawn: (side, side, 3), the square around the face, at the picture's size.
        left, top: of the square in the picture, px; it may reach beyond.
        margin: the square's side, in sides of the face.
        weight: how much of it is shown, 0 to 1.
    """
    side = drawn.shape[0]
    height, width = picture.shape[:2]
    y0, y1, x0, x1 = max(0, top), min(height, top + side), max(0, left), min(width, left + side)
    if y0 >= y1 or x0 >= x1:
        return
    new = drawn[y0 - top : y1 - top, x0 - left : x1 - left]
    share = weight * soft_edge(side, margin)[y0 - top : y1 - top, x0 - left : x1 - left, None]
    old = picture[y0:y1, x0:x1]
    tone = np.asarray(cv2.GaussianBlur(old - new, (0, 0), max(0.5, TONE * side)), np.float32)
    picture[y0:y1, x0:x1] = np.clip(old + share * (new + tone - old), 0, 1)


def soft_edge(side: int, margin: float) -> NDArray[np.float32]:
    """1 over the face, 0 towards the square's edge: (side, side) float32."""
    at = (np.arange(side, dtype=np.float32) + 0.5) / side * 2 - 1
    distance = np.hypot(at[:, None], at[None, :]) * margin / 2  # in sides of the face
    inner = REACH * (1 - FEATHER)
    part = np.clip((REACH - distance) / (REACH - inner), 0, 1)
    return np.asarray(part * part * (3 - 2 * part), np.float32)


def resized(square: Pixels, size: int) -> Pixels:
    """A square picture at another size, (size, size, 3)."""
    if square.shape[0] == size:
        return np.asarray(square, np.float32)
    how = cv2.INTER_AREA if square.shape[0] > size else cv2.INTER_CUBIC
    return np.clip(cv2.resize(square, (size, size), interpolation=how), 0, 1, dtype=np.float32)
