"""Items made in a thread of their own."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from compositing.prefetch import prefetch


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
