"""Items made in a thread of their own."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from deflicker.prefetch import prefetch


def test_the_items_are_the_source_s_in_its_order() -> None:
    assert list(prefetch(iter(range(20)))) == list(range(20))
    assert list(prefetch([])) == []


def test_one_item_is_made_before_it_is_asked_for_and_no_more() -> None:
    made: list[int] = []
    second = threading.Event()

    def source() -> Iterator[int]:
        for number in range(5):
            made.append(number)
            if number == 1:
                second.set()
            yield number

    items = prefetch(source())
    assert next(items) == 0
    assert second.wait(5)
    assert made == [0, 1]
    items.close()  # type: ignore[attr-defined]


def test_an_error_comes_out_where_its_item_would() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise ValueError("the film is damaged")

    items = prefetch(source())
    assert next(items) == 1
    with pytest.raises(ValueError, match="damaged"):
        next(items)


def test_who_has_seen_enough_closes_the_source() -> None:
    closed = threading.Event()

    def source() -> Iterator[int]:
        try:
            yield from range(100)
        finally:
            closed.set()

    items = prefetch(source())
    next(items)
    items.close()  # type: ignore[attr-defined]
    assert closed.is_set()


def test_who_gives_up_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    items = prefetch(range(100))
    assert next(items) == 0
    items.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before


def test_the_next_item_is_made_while_each_is_worked_on_and_no_further() -> None:
    made = [threading.Event() for _ in range(5)]

    def source() -> Iterator[int]:
        for number, event in enumerate(made):
            event.set()
            yield number

    for number in prefetch(source()):
        assert all(event.wait(20) for event in made[: number + 2])
        assert not any(event.is_set() for event in made[number + 2 :])


def test_items_before_an_error_are_all_given() -> None:
    def source() -> Iterator[int]:
        yield from range(3)
        raise OSError("the disk is gone")

    found: list[int] = []
    with pytest.raises(OSError, match="the disk is gone"):
        found.extend(prefetch(source()))
    assert found == [0, 1, 2]
