"""Sizes of crops: some square, some tall, some wide, so that little of a drawing is cut away."""

from __future__ import annotations

import math
from collections.abc import Sequence

MAX_ASPECT = 2.0
"""The longer side of a crop is at most this many times the shorter."""


def bucket_shapes(resolution: int, grid: int) -> list[tuple[int, int]]:
    """The possible (width, height) of crops: about `resolution` squared pixels, sides multiples of `grid`.

    Source: NovelAI, "Improvements on Stable Diffusion", 2022 (aspect ratio bucketing).
    """
    shapes = set()
    width = math.ceil(resolution / math.sqrt(MAX_ASPECT) / grid) * grid
    while width <= resolution * math.sqrt(MAX_ASPECT):
        height = max(grid, round(resolution**2 / width / grid) * grid)
        if max(width, height) <= MAX_ASPECT * min(width, height):
            shapes |= {(width, height), (height, width)}
        width += grid
    return sorted(shapes | {(resolution, resolution)})


def bucket_of(size: tuple[int, int], shapes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Of the (width, height) `shapes`, the one whose aspect ratio is nearest to that of a picture's `size`."""
    wanted = math.log(size[0] / size[1])
    return min(shapes, key=lambda shape: (abs(math.log(shape[0] / shape[1]) - wanted), shape))
