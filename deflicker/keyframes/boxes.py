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
    found = [_box(groups[group, :4] * CELL, rows, columns) for group in range(1, count)]
    if sum((_length(down) + 2 * halo) * (_length(wide) + 2 * halo) for down, wide in found) > rows * columns:
        found = [(slice(0, rows), slice(0, columns))]
    return [part for box in found for part in _parts(*box)]


def _box(group: NDArray[np.int32], rows: int, columns: int) -> Box:
    """A rectangle (left, top, width, height), as far as it lies inside the frame."""
    left, top, width, height = (int(number) for number in group)
    return slice(top, min(top + height, rows)), slice(left, min(left + width, columns))


def _parts(down: slice, wide: slice) -> Iterator[Box]:
    """A rectangle in parts of at most `LARGEST` px a side."""
    for top in range(down.start, down.stop, LARGEST):
        for left in range(wide.start, wide.stop, LARGEST):
            yield slice(top, min(top + LARGEST, down.stop)), slice(left, min(left + LARGEST, wide.stop))


def _length(part: slice) -> int:
    return int(part.stop - part.start)
