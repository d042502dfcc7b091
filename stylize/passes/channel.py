"""Pictures on their way from the pass that makes them to those that read them, each in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from stylize.errors import NotReady
from stylize.footage.clip import Pixels
from stylize.passes.newest import NewestPictures
from stylize.storage.frame_file import Levels, pixels_of_levels
from stylize.storage.frame_store import FrameStore

LEAD = 6
"""So many frames a pass makes before they are read; then it leaves the processor to the passes behind it."""
KEPT_BYTES = 64 << 20
"""The newest pictures of a name are kept in memory up to this size; older ones are read from the store."""


class Abandoned(Exception):
    """Work was stopped because another thread failed, or because the run is to end."""


class Work:
    """What the threads of a run share: the condition by which they wait for each other, and the first failure."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.failure: BaseException | None = None
        self._of_thread = threading.local()

    @property
    def waited_s(self) -> float:
        """How long the calling thread has waited for others, seconds."""
        return getattr(self._of_thread, "waited_s", 0.0)

    def fail(self, failure: BaseException) -> None:
        """Ends all threads at their next frame. The first failure is the one that is told."""
        with self.changed:
            if self.failure is None:
                self.failure = failure
            self.changed.notify_all()

    def check(self) -> None:
        """Raises Abandoned once the work is to end."""
        if self.failure is not None:
            raise Abandoned

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Waits; `changed` must be held.

        Raises:
            Abandoned: the work is to end.
        """
        began = time.perf_counter()
        self.changed.wait_for(lambda: self.failure is not None or ready())
        self._of_thread.waited_s = self.waited_s + time.perf_counter() - began
        self.check()


class Channel:
    """The pictures of one name: its giver puts each here once it is committed, and readers wait for them.

    A giver that is `LEAD` frames ahead of its slowest reader pauses, unless somebody waits for one of its pictures.
    So no two passes can wait for each other: whoever is waited for works.

    Args:
        giver: the name of the pass that makes them.
        missing: the frames that it still has to make.
        shown_at: the number of the frame that is shown at a frame of the film.
    """

    def __init__(
        self,
        work: Work,
        giver: str,
        store: FrameStore,
        missing: Iterable[int],
        shown_at: Callable[[int], int],
    ) -> None:
        self._work, self._giver, self._store, self._shown_at = work, giver, store, shown_at
        self._missing = set(missing)
        self._newest: NewestPictures[Levels] = NewestPictures(KEPT_BYTES)
        self._unread: dict[str, set[int]] = {}
        """By reader: the frames put here that it has not read."""
        self._waiting = 0
        self._is_closed = False

    def add_reader(self, name: str) -> None:
        self._unread[name] = set()

    def remove_reader(self, name: str) -> None:
        """The reader needs no more; the giver need not wait for it."""
        with self._work.changed:
            self._unread.pop(name, None)
            self._work.changed.notify_all()

    def put(self, number: int, levels: Levels) -> None:
        """Gives a picture that lies in the store to whoever waits for it."""
        with self._work.changed:
            self._missing.discard(number)
            self._newest.put(number, levels)
            for unread in self._unread.values():
                unread.add(number)
            self._work.changed.notify_all()

    def close(self) -> None:
        """The giver has made all that it makes."""
        with self._work.changed:
            self._is_closed = True
            self._work.changed.notify_all()

    def let_go(self) -> None:
        """Keeps no picture in memory any longer; once the giver has ended, readers find them in the store."""
        with self._work.changed:
            self._newest = NewestPictures(KEPT_BYTES)

    @property
    def may_pause(self) -> bool:
        """Whether a reader is far enough behind, and nobody waits for a picture; `Work.changed` must be held."""
        return self._waiting == 0 and any(len(unread) >= LEAD for unread in self._unread.values())

    @property
    def is_waited_for(self) -> bool:
        return self._waiting > 0

    def read(self, numbers: Sequence[int], reader: str) -> Iterator[Pixels]:
        """What is shown at these frames, each once it is there.

        Raises:
            NotReady: the giver has ended without making one.
            Abandoned: the work is to end.
        """
        return (self._get(self._shown_at(number), reader) for number in numbers)

    def _get(self, number: int, reader: str) -> Pixels:
        with self._work.changed:
            self._work.check()
            if number in self._missing:
                self._waiting += 1
                self._work.changed.notify_all()  # its giver may be pausing
                try:
                    self._work.wait_until(lambda: number not in self._missing or self._is_closed)
                finally:
                    self._waiting -= 1
            if number in self._missing:
                raise NotReady(reader, self._giver, [number])
            unread = self._unread.get(reader)
            if unread:  # those that it passed over it will not read
                unread.difference_update([each for each in unread if each <= number])
                self._work.changed.notify_all()
            levels = self._newest.get(number)
        return self._store.read(number) if levels is None else pixels_of_levels(levels)
