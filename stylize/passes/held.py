"""Something costly that a pass loads once and keeps: a model, a keyer, a backdrop."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Held(Generic[T]):
    """The thing that was loaded last, kept for as long as it is asked for under the same key."""

    def __init__(self) -> None:
        self._kept: tuple[Hashable, T] | None = None

    def get(self, load: Callable[[], T], key: Hashable = None) -> T:
        """The kept thing, loaded by `load` where there is none of this key."""
        if self._kept is None or self._kept[0] != key:
            self._kept = None  # the old one goes before the new one takes memory
            self._kept = (key, load())
        return self._kept[1]

    @property
    def held(self) -> T | None:
        """What is kept at present, if anything."""
        return None if self._kept is None else self._kept[1]

    def release(self) -> None:
        """Forgets what is kept."""
        self._kept = None
