"""Frames of footage that passes share: decoded once where they read close together, and always the right ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from stylize.footage.clip import Pixels
from stylize.passes import shared_footage
from stylize.passes.shared_footage import SharedFootage


class Footage:
    """Frames that say their number."""

    def __init__(self) -> None:
        self.decoded: list[int] = []

    def read(self, numbers: Sequence[int]) -> Iterator[Pixels]:
        for number in numbers:
            self.decoded.append(number)
            yield np.full((2, 2, 3), number, np.float32)


def test_readers_behind_each_other_are_given_the_same_frames() -> None:
    footage = Footage()
    shared = SharedFootage(footage.read)
    first, second = shared.frames(range(0, 40, 2)), shared.frames(range(0, 40, 2))
    ahead = [next(first) for _ in range(8)]
    behind = [next(second) for _ in range(8)]
    assert all(a is b for a, b in zip(ahead, behind, strict=True))
    rest = [*first], [*second]
    assert all(a is b for a, b in zip(*rest, strict=True))
    assert footage.decoded == list(range(0, 40, 2))
    with pytest.raises(ValueError, match="read-only"):
        ahead[0] += 1


def test_a_reader_far_behind_decodes_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_footage, "KEPT_BYTES", 3 * 48)
    footage = Footage()
    shared = SharedFootage(footage.read)
    list(shared.frames(range(10)))
    assert [picture[0, 0, 0] for picture in shared.frames(range(1, 10))] == list(range(1, 10))
    assert footage.decoded == [*range(10), *range(1, 10)]


def test_a_reader_of_other_frames_takes_the_lead() -> None:
    footage = Footage()
    shared = SharedFootage(footage.read)
    list(shared.frames([0, 4, 8]))
    assert [picture[0, 0, 0] for picture in shared.frames([6, 8, 9, 12])] == [6, 8, 9, 12]
    assert [picture[0, 0, 0] for picture in shared.frames([12, 13])] == [12, 13]
