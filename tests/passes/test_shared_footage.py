"""Frames of footage that passes share: decoded once where they read close together, and always the right ones."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from deflicker import SteadySettings
from stylize.footage.clip import Pixels
from stylize.passes import FinishPass, SteadyPass, shared_footage
from stylize.passes.frame_set import FrameSet
from stylize.passes.overlap import SharedPlates, share_plates
from stylize.passes.shared_footage import SharedFootage


class Footage:
    """Frames that say their number."""

    def __init__(self) -> None:
        self.decoded: list[int] = []
        self.open = 0

    def read(self, numbers: Sequence[int]) -> Iterator[Pixels]:
        self.open += 1
        try:
            for number in numbers:
                self.decoded.append(number)
                yield np.full((2, 2, 3), number, np.float32)
        finally:
            self.open -= 1


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


class Plates(Footage):
    """The same as the inputs of passes."""

    def frames(
        self, name: str, numbers: Sequence[int], size: tuple[int, int] | None = None
    ) -> Iterator[Pixels]:
        return self.read(numbers)


@pytest.mark.parametrize(("shares", "times"), [(True, 1), (False, 2)])
def test_plates_are_decoded_once_for_all_sizes_where_passes_lie_close(shares: bool, times: int) -> None:
    footage = Plates()
    plates = SharedPlates(footage, shares)
    small, large = plates.frames("plate", range(6), (1, 1)), plates.frames("plate", range(6), None)
    for number in range(6):
        assert next(small).shape == ((1, 1, 3) if shares else (2, 2, 3))
        assert next(large)[0, 0, 0] == number
    assert sorted(footage.decoded) == sorted(times * list(range(6)))


def test_a_file_is_closed_with_its_last_frame() -> None:
    footage = Footage()
    shared = SharedFootage(footage.read)
    first, second = shared.frames([1, 2, 5]), shared.frames([2, 5])
    for reader in (first, second, first, first):
        next(reader)
    assert footage.open == 0
    assert next(second)[0, 0, 0] == 5


@pytest.mark.parametrize("shares", [True, False])
def test_files_of_a_run_that_was_stopped_are_closed_at_once(shares: bool) -> None:
    """In a list of hundreds of jobs they must not wait until Python looks for circles of references."""
    footage = Plates()
    plates = SharedPlates(footage, shares)
    readers = [plates.frames("plate", range(6), size) for size in ((1, 1), None)]
    for reader in readers:
        next(reader)
    assert footage.open
    gc.disable()
    try:
        del plates, reader, readers
        assert footage.open == 0
    finally:
        gc.enable()


@pytest.mark.parametrize("shares", [True, False])
def test_plates_that_are_let_go_take_no_memory_and_come_again(shares: bool) -> None:
    footage = Plates()
    plates = SharedPlates(footage, shares)
    reader = plates.frames("plate", range(6), (2, 2))
    held = [weakref.ref(next(reader)) for _ in range(3)]
    assert all(each() is not None for each in held)
    del reader
    plates.let_go()
    assert not any(each() is not None for each in held)
    assert footage.open == 0
    assert [each[0, 0, 0] for each in plates.frames("plate", range(6), (2, 2))] == list(range(6))


def test_passes_that_look_around_or_make_large_pictures_decode_for_themselves() -> None:
    frames = FrameSet(range(4))
    small, large = (FinishPass(1.0, size, frames, "style") for size in ((1280, 720), (3840, 2160)))
    assert share_plates([small])
    assert not share_plates([large])
    assert not share_plates([SteadyPass(SteadySettings(), (640, 360), frames, "style"), small])
