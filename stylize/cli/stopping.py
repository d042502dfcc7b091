"""Ctrl-C and SIGTERM during a run: the first one asks, the second one insists."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from types import FrameType, TracebackType
from typing import Any

_FIRST = b"\nstopping after the frame in flight; once more to drop it\n"


class Stopping:
    """While this context holds, a first signal sets `asked` and a second raises KeyboardInterrupt.

    Frames are committed whole, so even the second leaves nothing torn. Outside the main thread, where
    Python delivers no signals, it does nothing.

    Args:
        quiet: say nothing at the first signal.
    """

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet
        self._asked = threading.Event()
        self._before: dict[int, Any] = {}

    def asked(self) -> bool:
        """Whether the user wants the run to end."""
        return self._asked.is_set()

    def __enter__(self) -> Stopping:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._take)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _take(self, number: int, frame: FrameType | None) -> None:
        if self._asked.is_set():
            raise KeyboardInterrupt
        self._asked.set()
        if not self._quiet:  # not through sys.stderr, whose writing this may have interrupted
            with contextlib.suppress(OSError):  # nobody reads it any more
                os.write(2, _FIRST)
