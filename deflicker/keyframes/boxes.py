"""Rectangles that hold the open parts of a frame, so that a network need not look at all of it."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

CELL = 16
"""Rectangles begin and end at multiples of so many px, or at the frame's border: networks halve what they see."""
LARGEST = 512
"""The longest side of a rectangle, in px, so that memory does not grow with the frame."""

Box = tuple[slice, slice]
"""Rows and columns."""


def open_boxes(is_open: NDArray[np.bool_], halo: int) -> list[Box]:
    """Rectangles that hold every open pixel, one for each group of open cells; they may overlap.

    Where these, each seen with `halo` px around it, come to more than the frame, the frame is one group.

    Args:
        is_open: (height, width).
    """
    rows, columns = is_open.shape
    if not is_open.any():
        return []
    down, across = -(-rows // CELL), -(-columns // CELL)
    padded = np.zeros((down * CELL, across * CELL), np.uint8)
    padded[:rows, :columns] = is_open
    cells = padded.reshape(down, CELL, across, CELL).max(axis=(1, 3))
    count, _, groups, _ = cv2.connectedComponentsWithStats(cells, connectivity=8)
    found = [tuple(int(number) * CELL for number in groups[group, :4]) for group in range(1, count)]
    if sum((width + 2 * halo) * (height + 2 * halo) for _, _, width, height in found) > rows * columns:
        found = [(0, 0, columns, rows)]
    return [box for place in found for box in _parts(*place, rows, columns)]


def _parts(left: int, top: int, width: int, height: int, rows: int, columns: int) -> Iterator[Box]:
    """A rectangle inside the frame, in parts of at most `LARGEST` px a side."""
    for first in range(top, min(top + height, rows), LARGEST):
        for start in range(left, min(left + width, columns), LARGEST):
            bottom = min(first + LARGEST, top + height, rows)
            yield slice(first, bottom), slice(start, min(start + LARGEST, left + width, columns))
