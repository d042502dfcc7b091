"""Something costly that a pass loads once and keeps: a model, a keyer, a backdrop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Held(Generic[T]):
    """The thing that was loaded last, kept for as long as it is asked for under the same key.

    Passes in several threads may share it: it is loaded once.
    """

    def __init__(self) -> None:
        self._loading = threading.Lock()
        self._kept: tuple[Hashable, T] | None = None

    def get(self, load: Callable[[], T], key: Hashable = None) -> T:
        """The kept thing, loaded by `load` where there is none of this key."""
        with self._loading:
            kept = self._kept
            if kept is None or kept[0] != key:
                self._kept = kept = None  # the old one goes before the new one takes memory
                self._kept = kept = (key, load())
            return kept[1]

    @property
    def held(self) -> T | None:
        """What is kept at present, if anything."""
        return None if self._kept is None else self._kept[1]

    def release(self) -> None:
        """Forgets what is kept."""
        self._kept = None
