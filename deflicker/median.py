"""The median of several pictures, by a sorting network: every comparison is one SIMD min and max."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import cv2
from numpy.typing import NDArray

Array = NDArray[Any]


def median(pictures: Iterable[Array]) -> Array:
    """The median over `pictures`, pixel by pixel and channel by channel (even counts: the middle two's mean).

    Args:
        pictures: at least one float32 array; all of one shape, at most three dimensions. Those of a generator are
            freed as the sorting goes on.
    """
    wires = list(pictures)
    count = len(wires)
    if count == 1:
        return wires[0].copy()
    low_middle, high_middle = (count - 1) // 2, count // 2
    for low, high in _network(count, (low_middle, high_middle)):
        wires[low], wires[high] = cv2.min(wires[low], wires[high]), cv2.max(wires[low], wires[high])
    if count % 2:
        return wires[low_middle]
    return cv2.addWeighted(wires[low_middle], 0.5, wires[high_middle], 0.5, 0.0)


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
