"""Crops in the shapes of the drawings, so that little of a tall or a wide one is cut away."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

STRETCH = 2.0
"""Crops are at most so many times as long as they are wide."""


def bucket_shapes(resolution: int, grid: int) -> list[tuple[int, int]]:
    """The (width, height) of crops of about `resolution` squared pixels, sides multiples of `grid`.

    Source: NovelAI, "Improvements on Stable Diffusion", 2022 (aspect ratio bucketing).
    """
    shapes = set()
    width = math.ceil(resolution / math.sqrt(STRETCH) / grid) * grid
    while width <= resolution * math.sqrt(STRETCH):
        height = max(grid, round(resolution**2 / width / grid) * grid)
        if max(width, height) <= STRETCH * min(width, height):
            shapes |= {(width, height), (height, width)}
        width += grid
    return sorted(shapes | {(resolution, resolution)})


def bucket_of(size: tuple[int, int], shapes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The shape nearest in proportion to a picture of (width, height) `size`."""
    wanted = math.log(size[0] / size[1])
    return min(shapes, key=lambda shape: (abs(math.log(shape[0] / shape[1]) - wanted), shape))


def sort_into_buckets(
    sizes: Sequence[tuple[int, int]], resolution: int, grid: int
) -> dict[tuple[int, int], list[int]]:
    """For every shape that is used, the numbers of the pictures that are cropped to it."""
    shapes = bucket_shapes(resolution, grid)
    buckets: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, size in enumerate(sizes):
        buckets[bucket_of(size, shapes)].append(number)
    return dict(sorted(buckets.items()))
