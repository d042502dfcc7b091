"""The threads that work on parts of a frame: kept, since OpenCV never frees what it holds for those that came and
went."""

from __future__ import annotations

import multiprocessing
import threading
import tracemalloc
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from deflicker import steady
from deflicker.threads import each, own_threads


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(2)
    yield
    cv2.setNumThreads(before)


def test_threads_are_kept() -> None:
    used = {name for _ in range(20) for name in each(lambda _: threading.get_ident(), range(4))}
    assert len(used) <= 2
    assert threading.get_ident() not in used


def test_a_number_of_our_own_goes_before_that_of_opencv() -> None:
    cv2.setNumThreads(1)
    here = threading.get_ident()
    assert each(lambda _: threading.get_ident(), range(2)) == [here, here]
    with own_threads(2):
        assert here not in each(lambda _: threading.get_ident(), range(2))
    assert each(lambda _: threading.get_ident(), range(2)) == [here, here]


def test_a_part_of_a_part_is_done_where_it_is_asked_for() -> None:
    def row(number: int) -> list[int]:
        return each(lambda column: 10 * number + column, range(3))

    assert each(row, range(4)) == [[10 * n + c for c in range(3)] for n in range(4)]


def test_what_a_part_raises_is_raised_here() -> None:
    with pytest.raises(ZeroDivisionError):
        each(lambda part: 1 // part, (1, 0))
    assert each(abs, (-1, -2)) == [1, 2]


def _doubled(out: multiprocessing.SimpleQueue[list[int]]) -> None:
    out.put(each(lambda part: 2 * part, (1, 2, 3)))


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own() -> None:
    each(abs, (1, 2))
    context = multiprocessing.get_context("fork")
    out: multiprocessing.SimpleQueue[list[int]] = context.SimpleQueue()
    child = context.Process(target=_doubled, args=(out,))
    child.start()
    child.join(20)
    assert child.exitcode == 0
    assert out.get() == [2, 4, 6]


def test_a_longer_film_holds_no_more_objects_or_threads() -> None:
    """What Python holds after 45 and after 75 frames of one shot, and the threads that were ever begun."""
    rng = np.random.default_rng(0)
    ground = cv2.GaussianBlur(rng.random((40, 200, 3), np.float32), (0, 0), 2)

    def film(flicker: float) -> Iterator[np.ndarray]:
        for index in range(110):
            part = ground[4:36, index : index + 32]
            yield np.clip(part * (1 + flicker * (-1) ** index), 0, 1).astype(np.float32)

    begun, start = [], threading.Thread.start

    def counted(thread: threading.Thread) -> None:
        begun.append(thread)
        start(thread)

    held = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading.Thread, "start", counted)
        tracemalloc.start()
        try:
            for index, _ in enumerate(steady(film(0.06), film(0), [(0, 110)])):
                if index in (45, 75):
                    held[index] = tracemalloc.get_traced_memory()[0]
                if index == 75:
                    break
        finally:
            tracemalloc.stop()
    assert held[75] - held[45] < 30 * 1024, held
    assert len(begun) <= 2
