"""Batches of drawing, source and caption, cut from a folder of drawings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.dataset.buckets import bucket_of, bucket_shapes
from training.dataset.gather import Drawing, read_picture
from training.dataset.photolike import photolike, textured

Picture = NDArray[np.float32]


@dataclass(frozen=True)
class Sample:
    """A crop of a drawing and of what it is drawn from, (h, w, 3) float32 RGB in [0, 1], and its caption."""

    drawn: Picture
    source: Picture
    caption: str


@dataclass(frozen=True)
class Leaf:
    """A drawing read: 8-bit, its short side at most what is learnt from, with its source where it is given."""

    drawn: NDArray[np.uint8]
    source: NDArray[np.uint8] | None
    caption: str
    shape: tuple[int, int]
    """(width, height) of the crops that are cut from it."""


@dataclass(frozen=True)
class Portfolio:
    """All the drawings, read."""

    leaves: tuple[Leaf, ...]

    @classmethod
    def read(
        cls, drawings: Sequence[Drawing], resolution: int, short_side: int, grid: int, given_sources: bool
    ) -> Portfolio:
        """Reads drawings at a short side of `short_side` px or their own, the smaller.

        Args:
            resolution: side of a square crop, px; a tall or wide drawing gets crops of about that area.
            grid: sides of the crops divide by this.
            given_sources: take the photographs that were drawn over, where there are some.
        """
        shapes, leaves = bucket_shapes(resolution, grid), []
        for drawing in drawings:
            shape = bucket_of(drawing.size, shapes)
            drawn = _at_short_side(read_picture(drawing.path), short_side, shape)
            source = None
            if given_sources and drawing.source is not None:
                size = (drawn.shape[1], drawn.shape[0])
                given = cv2.resize(read_picture(drawing.source), size, interpolation=cv2.INTER_AREA)
                source = _levels(np.asarray(given, np.float32))
            leaves.append(Leaf(_levels(drawn), source, drawing.caption or "", shape))
        return cls(tuple(leaves))

    def batch(self, seed: tuple[int, ...], size: int, flips: bool) -> list[Sample]:
        """As many crops of one shape, from `seed` alone: a shape comes up as often as drawings have it."""
        rng = np.random.default_rng(seed)
        shape = self.leaves[int(rng.integers(len(self.leaves)))].shape
        alike = [leaf for leaf in self.leaves if leaf.shape == shape]
        return [_crop(alike[int(rng.integers(len(alike)))], rng, flips) for _ in range(size)]


def _crop(leaf: Leaf, rng: np.random.Generator, flips: bool) -> Sample:
    height, width = leaf.drawn.shape[:2]
    y, x = int(rng.integers(height - leaf.shape[1] + 1)), int(rng.integers(width - leaf.shape[0] + 1))
    step = -1 if flips and rng.random() < 0.5 else 1
    place = np.s_[y : y + leaf.shape[1], x : x + leaf.shape[0]]
    drawn = _unit(leaf.drawn[place][:, ::step])
    given = leaf.source
    # What a drawing leaves out has to be seen often: forty photographs show little of it.
    source = photolike(drawn, rng) if given is None else textured(_unit(given[place][:, ::step]), rng)
    return Sample(drawn, source, leaf.caption)


def _at_short_side(picture: Picture, short_side: int, shape: tuple[int, int]) -> Picture:
    """Scaled down to `short_side`, and up only where a crop would not fit in."""
    height, width = picture.shape[:2]
    scale = min(1.0, short_side / min(height, width))
    scale = max(scale, shape[0] / width, shape[1] / height)
    if scale == 1.0:
        return picture
    size = (max(shape[0], round(width * scale)), max(shape[1], round(height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.clip(cv2.resize(picture, size, interpolation=how), 0, 1).astype(np.float32)


def _levels(picture: Picture) -> NDArray[np.uint8]:
    return np.rint(255 * np.clip(picture, 0, 1)).astype(np.uint8)


def _unit(picture: NDArray[np.uint8]) -> Picture:
    return np.ascontiguousarray(picture, np.float32) / np.float32(255)
