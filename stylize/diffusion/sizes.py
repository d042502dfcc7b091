"""The size at which a frame is drawn, and its padding to the network's grid."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from stylize.footage.clip import Pixels


def working_size(width: int, height: int, short_side: int, most_px: int | None = None) -> tuple[int, int]:
    """Width and height, px, with the short side at `short_side`; a smaller picture keeps its size.

    Args:
        most_px: a bound on width times height, for checkpoints that were trained on pictures of one area in many
            shapes: of 1024 px in the square, 16:9 is drawn at 1365x768.
    """
    scale = min(1.0, short_side / min(width, height))
    if most_px is not None:
        scale = min(scale, (most_px / (width * height)) ** 0.5)
    return max(1, round(width * scale)), max(1, round(height * scale))


def scale_down(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """The picture at (width, height) `size`, each pixel the mean of those it covers."""
    if (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    smaller = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return np.clip(smaller, 0, 1, dtype=np.float32)


def scaled(pictures: Iterator[Pixels], size: tuple[int, int] | None) -> Iterator[Pixels]:
    """Each picture as `scale_down` gives it; None leaves them."""
    return pictures if size is None else (scale_down(picture, size) for picture in pictures)


def padded_size(width: int, height: int, grid: int) -> tuple[int, int]:
    """(width, height), px, after `pad_to_grid`."""
    return width + -width % grid, height + -height % grid


def pad_to_grid(pixels: Pixels, grid: int) -> Pixels:
    """Extends the right and bottom edges by reflection until both sides divide by `grid`."""
    height, width = pixels.shape[:2]
    wide, high = padded_size(width, height, grid)
    down, right = high - height, wide - width
    if not (down or right):
        return pixels
    border = cv2.BORDER_REFLECT if min(height, width) >= grid else cv2.BORDER_REPLICATE
    return np.asarray(cv2.copyMakeBorder(pixels, 0, down, 0, right, border), np.float32)


def crop(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """The top left (width, height) `size` of a padded picture."""
    return pixels[: size[1], : size[0]]
