"""What a pass reads next is read while it works on what it has."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Part = TypeVar("Part")


def read_ahead(parts: Iterator[Part]) -> Generator[Part, None, None]:
    """The parts in their order; a thread of its own gets the next one, and no more, while the last one is in use.

    What getting a part raises is raised where the part is due. A part that is on its way when the iteration is
    given up is waited for.
    """
    end = object()
    with ThreadPoolExecutor(1, "stylize reads ahead") as reader:
        coming = reader.submit(next, parts, end)
        while (part := coming.result()) is not end:
            coming = reader.submit(next, parts, end)
            yield part  # type: ignore[misc]  # it is not the mark
