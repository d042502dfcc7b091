"""The newest of what a thread brings: what nobody took in time is dropped, so that nothing is shown late."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Newest(Generic[Item]):
    """Reads items in a thread of its own and holds the last one.

    Attributes:
        dropped: how many were replaced before anybody took them.
    """

    def __init__(self, items: Iterable[Item]) -> None:
        self.dropped = 0
        self._items = items
        self._ready = threading.Condition()
        self._item: Item | None = None
        self._is_over = self._is_stopped = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Newest[Item]:
        self._thread.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._is_stopped = True
        self._thread.join(timeout=2)

    def take(self) -> Item | None:
        """The newest item, waited for if none is there; None when there will be no more.

        Raises:
            what reading raised.
        """
        with self._ready:
            while self._item is None and not self._is_over:
                self._ready.wait(timeout=0.5)
            item, self._item = self._item, None
        if item is None and self._error is not None:
            raise self._error
        return item

    def _read(self) -> None:
        try:
            for item in self._items:
                with self._ready:
                    self.dropped += self._item is not None
                    self._item = item
                    self._ready.notify()
                if self._is_stopped:
                    return
        except BaseException as error:  # raised by `take`, in the thread that asks
            self._error = error
        finally:
            with self._ready:
                self._is_over = True
                self._ready.notify()
