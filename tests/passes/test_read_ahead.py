"""The next part is read while the last one is in use, in order, and no further."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from stylize.passes.read_ahead import read_ahead

SOON_S = 20


def test_the_next_part_is_read_while_the_last_one_is_in_use_and_no_further() -> None:
    read = [threading.Event() for _ in range(5)]

    def parts() -> Iterator[int]:
        for number, event in enumerate(read):
            event.set()
            yield number

    for number in read_ahead(parts()):
        assert all(event.wait(SOON_S) for event in read[: number + 2])
        assert not any(event.is_set() for event in read[number + 2 :])


def test_an_error_is_raised_where_the_part_is_due() -> None:
    def parts() -> Iterator[int]:
        yield from range(3)
        raise OSError("the disk is gone")

    found: list[int] = []
    with pytest.raises(OSError, match="the disk is gone"):
        found.extend(read_ahead(parts()))
    assert found == [0, 1, 2]


def test_who_gives_up_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    parts = read_ahead(iter(range(100)))
    assert next(parts) == 0
    parts.close()
    assert threading.active_count() == before
