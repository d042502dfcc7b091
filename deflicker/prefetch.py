"""Makes the next item while this one is worked on."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Item = TypeVar("Item")
_END: Any = object()


def prefetch(items: Iterable[Item], count: int = 1) -> Iterator[Item]:
    """The same items in the same order, `count` of them made in a thread of their own before they are asked for.

    OpenCV and NumPy leave Python's lock while they compute, so both threads are busy. An error comes out where its
    item would.
    """
    source = iter(items)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="prefetch") as pool:
        waiting = deque(pool.submit(next, source, _END) for _ in range(count))
        try:
            while (item := waiting.popleft().result()) is not _END:
                waiting.append(pool.submit(next, source, _END))
                yield item
        finally:
            for each in waiting:
                each.cancel()
            pool.shutdown()
            if hasattr(source, "close"):  # a generator, which may hold a file open
                source.close()
