"""Pure work on several parts of a frame at a time: OpenCV and numpy let other threads run while they compute.

How many threads there are is OpenCV's number, `cv2.setNumThreads`: one setting for both kinds of work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import cv2

Part = TypeVar("Part")
Result = TypeVar("Result")


def each(work: Callable[[Part], Result], parts: Iterable[Part]) -> list[Result]:
    """The result for every part, in their order; what one of them raises is raised here."""
    threads = cv2.getNumThreads()
    if threads <= 1:
        return [work(part) for part in parts]
    # A pool of its own: a kept one would not live on in a forked process, and wait for ever there.
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, parts))
