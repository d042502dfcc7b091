"""Pure work on several parts of a frame at a time: OpenCV and numpy let other threads run while they compute.

How many threads there are is OpenCV's number, `cv2.setNumThreads`, unless `own_threads` sets another.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from typing import TypeVar

import cv2

Part = TypeVar("Part")
Result = TypeVar("Result")


def each(work: Callable[[Part], Result], parts: Iterable[Part]) -> list[Result]:
    """The result for every part, in their order; what one of them raises is raised here."""
    threads = _own_number or cv2.getNumThreads()
    if threads <= 1:
        return [work(part) for part in parts]
    if getattr(_ours, "works", False):  # a part of a part: its thread waits for no other
        return [work(part) for part in parts]
    return list(_pool(threads, os.getpid()).map(work, parts))


@contextmanager
def own_threads(number: int) -> Iterator[None]:
    """So many threads meanwhile, in the whole process, whatever OpenCV has.

    Where several threads call OpenCV side by side its own are best few, for they wait by spinning. Ours sleep: they
    may be as many as there are cores.
    """
    global _own_number
    before, _own_number = _own_number, number
    try:
        yield
    finally:
        _own_number = before


_own_number: int | None = None
_ours = threading.local()
"""`works` is set in the threads of the pool."""


@lru_cache(maxsize=1)
def _pool(threads: int, process: int) -> ThreadPoolExecutor:
    """The threads of this process; a forked one has none of its parent's, and gets its own.

    They are kept, because OpenCV never frees what some of its functions (`remap`) hold for a thread: threads that
    came and went cost a film of 32x32 px 13 KB a frame.
    """
    return ThreadPoolExecutor(threads, "deflicker", lambda: setattr(_ours, "works", True))
