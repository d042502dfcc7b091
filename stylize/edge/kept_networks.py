"""The networks of an export, for the sizes of picture that it drew last."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from stylize.edge.networks import Networks

MOST_SIZES = 4
"""Networks are compiled for a size of picture. A film needs two in turn, its frames' and its faces'; a folder of
photographs may have hundreds."""


@dataclass
class KeptNetworks:
    """Networks by size, (height, width) px, and by lane: of the sizes that were used last, all lanes."""

    _by_size: dict[tuple[int, int], dict[int, Networks]] = field(default_factory=dict)
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)
    """Held while a size is looked up; the lanes load side by side."""

    def get(self, size: tuple[int, int], lane: int, load: Callable[[], Networks]) -> Networks:
        """The networks of a size and a lane, loaded where they are not there."""
        with self._turn:
            lanes = self._by_size.pop(size, {})
            self._by_size[size] = lanes  # as the newest
            while len(self._by_size) > MOST_SIZES:
                del self._by_size[next(iter(self._by_size))]
        if lane not in lanes:
            lanes[lane] = load()
        return lanes[lane]
