"""The newest pictures stay in memory, few enough that a film's length costs nothing."""

from __future__ import annotations

import numpy as np
import pytest

from stylize.passes.newest import KEPT_FRAMES, NewestPictures, kept_bytes

SIZE = (4, 2)


def kept_of(count: int, most_bytes: int) -> list[int]:
    """The numbers that are kept of so many pictures."""
    newest: NewestPictures[np.ndarray] = NewestPictures(most_bytes)
    for number in range(count):
        newest.put(number, np.full((SIZE[1], SIZE[0], 3), number, np.uint8))
    kept = [number for number in range(count) if newest.get(number) is not None]
    for number in kept:
        picture = newest.get(number)
        assert picture is not None
        assert (picture == number).all()
    return kept


@pytest.mark.parametrize(
    ("most_bytes", "kept"),
    [(1 << 20, KEPT_FRAMES), (5 * 24, 5), (5 * 24 + 23, 5), (1, 1)],
)
def test_the_oldest_give_way(most_bytes: int, kept: int) -> None:
    """By their number where they are small, by their bytes where they are large; one is always there."""
    assert kept_of(200, most_bytes) == list(range(200 - kept, 200))


@pytest.mark.parametrize("count", [3, 200])
def test_a_plan_counts_what_is_kept(count: int) -> None:
    assert kept_bytes(count, SIZE, 3, 1 << 20) == 24 * len(kept_of(count, 1 << 20))
    assert kept_bytes(count, SIZE, 3, 50) == 50
