"""Work on the next frames while this one is finished."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

AHEAD = 1
Item = TypeVar("Item")
Done = TypeVar("Done")


def ahead(work: Callable[[Item], Done], items: Iterable[Item], count: int = AHEAD) -> Iterator[Done]:
    """`map(work, items)`, with `count` results being made in a thread of its own before they are asked for.

    The order and the results are `map`'s; OpenCV and NumPy leave Python's lock while they compute.
    """
    waiting: deque[Future[Done]] = deque()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead") as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > count:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for each in waiting:
                each.cancel()
