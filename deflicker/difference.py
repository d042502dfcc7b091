"""How a drawing differs from what its neighbours say it should be: in light, colour, structure and detail.

Each difference is blind to the others, so that a film whose light flickers still shows a shape that jumps. What
the source's own frame differs by, from its own neighbours, is the source's doing and is taken off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deflicker.arrays import Image, Plane
from deflicker.resize import REFERENCE_HEIGHT

Tiles = NDArray[Any]
"""(rows, columns) float32 over the frame; NaN where nothing is known."""

TILE = 8
"""Half a tile is an eighth of the frame's height; tiles overlap by halves."""
COARSE = 1 / 20
"""Structure is what is finer than this share of the height."""
NOISE = (5 / 255) ** 2
"""Mean square below which there is no structure to compare."""
DARK = 0.03
"""Levels of light are compared as log(mean + DARK)."""
BELIEF = 0.25
"""Mean confidence below which a part of the picture cannot be judged."""
FOLLOWS = 1.5
"""How much more strongly than the source a drawing may change with it."""


@dataclass(frozen=True)
class Difference:
    """Of one frame from its neighbours; 0 is none.

    `light` and the three of `colour` are natural logarithms of ratios of means; `structure` is the energy of the
    difference beside that of the two pictures, 1 for unrelated ones; `detail` is the logarithm of a ratio of
    fine detail. `shapes` and `patches` are structure and colour by tiles.
    """

    light: float
    colour: NDArray[Any]
    structure: float
    detail: float
    shapes: Tiles
    patches: Tiles


def compare(
    own: tuple[Image, Image], expected: tuple[Image, Image], belief: Plane, detail: tuple[float, float]
) -> Difference:
    """Compares a drawing with what is expected of it, and its source with what is expected of that.

    Args:
        own: the drawing and its source, (height, width, 3) float32 in [0, 1].
        expected: the same from their neighbours.
        belief: how far the expectation can be believed, (height, width) in [0, 1].
        detail: log detail of the drawing and of the source less that of their neighbours.
    """
    pairs = zip(own, expected, strict=True)
    drawn, source = (np.log(_means(a, belief)) - np.log(_means(b, belief)) for a, b in pairs)
    levels = _unexplained(drawn, source)
    matched = own[0] * np.exp(-drawn).astype(np.float32)
    shapes = _shapes(own[0], expected[0], belief)
    in_source = _shapes(own[1], expected[1], belief)
    patches = np.abs(_by_tiles(matched - expected[0], belief)).mean(axis=2)
    believed = _by_tiles(belief, None)
    excess = np.maximum(shapes[0] / shapes[1] - in_source[0] / in_source[1], 0)
    structure = float(shapes[0].sum() / shapes[1].sum() - in_source[0].sum() / in_source[1].sum())
    return Difference(
        light=float(levels.mean()),
        colour=levels - levels.mean(),
        structure=max(structure, 0.0),
        detail=float(_unexplained(np.float64(detail[0]), np.float64(detail[1]))),
        shapes=np.where(believed > BELIEF, excess, np.nan),
        patches=np.where(believed > BELIEF, patches, np.nan),
    )


def nothing(shape: tuple[int, ...]) -> Difference:
    """The difference of a frame without neighbours: none, and no part can be judged."""
    unknown = np.full(grid(shape), np.nan, np.float32)
    return Difference(0.0, np.zeros(3), 0.0, 0.0, unknown, unknown)


def grid(shape: tuple[int, ...]) -> tuple[int, int]:
    """Rows and columns of half tiles over a frame."""
    return TILE, max(2, round(TILE * shape[1] / shape[0]))


def log_detail(image: Image) -> float:
    """The natural logarithm of the mean absolute difference between the luma and its blur, beside its mean."""
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    blurred = cv2.GaussianBlur(luma, (0, 0), max(1.0, 1.5 * image.shape[0] / REFERENCE_HEIGHT))
    fine, light = float(cv2.absdiff(luma, blurred).mean()), float(luma.mean())
    return float(np.log((fine + 0.5 / 255) / (light + DARK)))


def _means(image: Image, belief: Plane) -> NDArray[Any]:
    return (
        np.array(cv2.mean(cv2.multiply(image, cv2.merge([belief] * 3)))[:3]) / (belief.mean() + 1e-6) + DARK
    )


def _unexplained(drawn: Any, source: Any) -> Any:
    """The drawing's change beyond what follows from the source's, which may be up to `FOLLOWS` times as large."""
    most = FOLLOWS * source
    return drawn - np.clip(drawn, np.minimum(most, 0), np.maximum(most, 0))


def _shapes(own: Image, expected: Image, belief: Plane) -> tuple[Tiles, Tiles]:
    """By tiles, the energy of the difference in structure, and that of the two structures and of noise."""
    fine, reference = (_structure(image) for image in (own, expected))
    apart = cv2.subtract(fine, reference)
    both = cv2.add(cv2.multiply(fine, fine), cv2.multiply(reference, reference)) + np.float32(2 * NOISE)
    return _by_tiles(cv2.multiply(apart, apart), belief), _by_tiles(both, belief)


def _structure(image: Image) -> Plane:
    """Luma without its slow part and without its finest grain, with its contrast evened out."""
    luma = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (0, 0), 1.0)
    slow = cv2.GaussianBlur(luma, (0, 0), COARSE * luma.shape[0])
    return cv2.divide(cv2.subtract(luma, slow), slow + np.float32(0.1))


def _by_tiles(values: NDArray[Any], belief: Plane | None) -> NDArray[Any]:
    """The mean over tiles, weighted by belief: (rows, columns[, channels])."""
    rows, columns = grid(values.shape)
    half = (columns, rows)
    weights = np.ones(values.shape[:2], np.float32) if belief is None else belief + np.float32(1e-3)
    spread = weights if values.ndim == 2 else cv2.merge([weights] * values.shape[2])
    sums = cv2.resize(
        cv2.multiply(np.asarray(values, np.float32), spread), half, interpolation=cv2.INTER_AREA
    )
    shares = cv2.resize(weights, half, interpolation=cv2.INTER_AREA)
    sums, shares = (cv2.blur(each, (2, 2), borderType=cv2.BORDER_REPLICATE) for each in (sums, shares))
    return sums / (shares if sums.ndim == 2 else shares[..., None])
