"""The median of several pictures, by a sorting network: every comparison is one SIMD min and max."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

BAND_VALUES = 1 << 18
"""So many numbers are sorted at a time, 1 MiB of them."""


def median(pictures: Iterable[Array]) -> Array:
    """The median over `pictures`, pixel by pixel and channel by channel (even counts: the middle two's mean).

    A few rows of all pictures are sorted at a time: they stay in the processor's cache, where whole pictures would
    be written to memory and read again at every comparison.

    Args:
        pictures: at least one float32 array; all of one shape, at most three dimensions.
    """
    wires = list(pictures)
    count = len(wires)
    if count == 1:
        return wires[0].copy()
    middle = np.empty_like(wires[0])
    rows = max(1, BAND_VALUES // (middle[0].size * count))
    for top in range(0, len(middle), rows):
        middle[top : top + rows] = _sorted_middle([wire[top : top + rows].copy() for wire in wires])
    return middle


def _sorted_middle(wires: list[Array]) -> Array:
    """The median over at least two arrays, which are overwritten."""
    count = len(wires)
    low_middle, high_middle = (count - 1) // 2, count // 2
    spare = np.empty_like(wires[0])
    for low, high in _network(count, (low_middle, high_middle)):
        cv2.min(wires[low], wires[high], dst=spare)
        cv2.max(wires[low], wires[high], dst=wires[high])
        wires[low], spare = spare, wires[low]
    if count % 2:
        return wires[low_middle]
    return np.asarray(cv2.addWeighted(wires[low_middle], 0.5, wires[high_middle], 0.5, 0.0))


@lru_cache(maxsize=64)
def _network(count: int, wanted: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Batcher's odd-even merge sort for `count` wires, less the comparators that no wanted wire needs."""
    comparators = []
    block = 1
    while block < count:
        gap = block
        while gap >= 1:
            for start in range(gap % block, count - gap, 2 * gap):
                for wire in range(start, min(start + gap, count - gap)):
                    if wire // (2 * block) == (wire + gap) // (2 * block):
                        comparators.append((wire, wire + gap))
            gap //= 2
        block *= 2
    needed, kept = set(wanted), []
    for low, high in reversed(comparators):
        if low in needed or high in needed:
            needed |= {low, high}
            kept.append((low, high))
    return tuple(reversed(kept))
