"""All the drawings in memory, and the crops of them that batches are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.dataset.buckets import bucket_of, bucket_shapes
from training.dataset.drawing_folder import Drawing, read_picture
from training.dataset.photolike import photolike, textured

Picture = NDArray[np.float32]


@dataclass(frozen=True)
class DrawingCrop:
    """A crop of a drawing and of the photograph behind it, (h, w, 3) float32 RGB in [0, 1], and the caption."""

    drawn: Picture
    source: Picture
    caption: str


@dataclass(frozen=True)
class LoadedDrawing:
    """A drawing in memory, scaled to the size that crops are cut at.

    Attributes:
        drawn: (H, W, 3) uint8 RGB.
        source: the photograph that it was drawn over, of the same shape; None where none is given.
        crop_size: (width, height) of its crops, px.
    """

    drawn: NDArray[np.uint8]
    source: NDArray[np.uint8] | None
    caption: str
    crop_size: tuple[int, int]


@dataclass(frozen=True)
class DrawingSet:
    """All the drawings that are learnt from."""

    drawings: tuple[LoadedDrawing, ...]

    @classmethod
    def read(
        cls,
        drawings: Sequence[Drawing],
        resolution: int,
        short_side: int,
        grid: int,
        use_given_sources: bool = True,
    ) -> DrawingSet:
        """Reads drawings and scales larger ones down to a short side of `short_side` px.

        Args:
            resolution: side of a square crop, px; a tall or wide drawing gets crops of about that area.
            grid: sides of the crops are multiples of this, px.
            use_given_sources: read the photographs that were drawn over, where there are some.
        """
        sizes = bucket_shapes(resolution, grid)
        loaded = []
        for drawing in drawings:
            crop_size = bucket_of(drawing.size, sizes)
            drawn = _at_short_side(read_picture(drawing.path), short_side, crop_size)
            source = None
            if use_given_sources and drawing.source is not None:
                size = (drawn.shape[1], drawn.shape[0])
                given = cv2.resize(read_picture(drawing.source), size, interpolation=cv2.INTER_AREA)
                source = _to_uint8(np.asarray(given, np.float32))
            loaded.append(LoadedDrawing(_to_uint8(drawn), source, drawing.caption or "", crop_size))
        return cls(tuple(loaded))

    def crops(self, seed: tuple[int, ...], count: int, flips: bool) -> list[DrawingCrop]:
        """`count` crops of one size, by `seed` alone.

        The size is that of a random drawing, so that each size comes up as often as drawings have it.

        Args:
            flips: mirror half of them.
        """
        rng = np.random.default_rng(seed)
        crop_size = self.drawings[int(rng.integers(len(self.drawings)))].crop_size
        alike = [drawing for drawing in self.drawings if drawing.crop_size == crop_size]
        return [_cut_crop(alike[int(rng.integers(len(alike)))], rng, flips) for _ in range(count)]


def _cut_crop(drawing: LoadedDrawing, rng: np.random.Generator, flips: bool) -> DrawingCrop:
    height, width = drawing.drawn.shape[:2]
    crop_width, crop_height = drawing.crop_size
    y, x = int(rng.integers(height - crop_height + 1)), int(rng.integers(width - crop_width + 1))
    step = -1 if flips and rng.random() < 0.5 else 1
    place = np.s_[y : y + crop_height, x : x + crop_width]
    drawn = _to_float(drawing.drawn[place][:, ::step])
    if drawing.source is None:
        source = photolike(drawn, rng)
    else:
        # Some forty photographs show little of the fine structure that drawings leave out: more is added.
        source = textured(_to_float(drawing.source[place][:, ::step]), rng)
    return DrawingCrop(drawn, source, drawing.caption)


def _at_short_side(picture: Picture, short_side: int, crop_size: tuple[int, int]) -> Picture:
    """Scaled down to `short_side`, and up only where a crop would not fit in."""
    height, width = picture.shape[:2]
    scale = min(1.0, short_side / min(height, width))
    scale = max(scale, crop_size[0] / width, crop_size[1] / height)
    if scale == 1.0:
        return picture
    size = (max(crop_size[0], round(width * scale)), max(crop_size[1], round(height * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.clip(cv2.resize(picture, size, interpolation=method), 0, 1).astype(np.float32)


def _to_uint8(picture: Picture) -> NDArray[np.uint8]:
    return np.rint(255 * np.clip(picture, 0, 1)).astype(np.uint8)


def _to_float(picture: NDArray[np.uint8]) -> Picture:
    return np.ascontiguousarray(picture, np.float32) / np.float32(255)
