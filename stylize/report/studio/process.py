"""A command of `stylize` as a process of its own, whose events are read and which can be stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

PROGRAM = [sys.executable, "-m", "stylize.cli"]
FIRST_S, SECOND_S = 1.0, 1.6
"""After these a process that was asked to stop is asked again, and then ended: what it keeps, it keeps whole."""


class RunningCommand:
    """Starts a command in a folder.

    Args:
        words: after the program's name.
    """

    def __init__(self, words: Sequence[str], folder: Path) -> None:
        self.process = subprocess.Popen(
            [*PROGRAM, *words, "--json", "--no-progress"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,
        )
        self.errors: list[str] = []
        self._reader = threading.Thread(target=self._read_errors, daemon=True)
        self._reader.start()

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.errors = [*self.errors[-20:], line.decode(errors="replace").rstrip()]

    def events(self) -> Iterator[dict[str, Any]]:
        """The JSON objects that it writes, until it ends."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                continue  # a line of a library that writes where it should not
            if isinstance(event, dict):
                yield event

    def wait(self) -> int:
        """Its exit code; what it wrote has been read by then."""
        code = self.process.wait()
        self._reader.join(timeout=2)
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()
        return code

    def stop(self) -> None:
        """Asks it to stop, and sees to it; returns at once."""
        threading.Thread(target=end, args=(self.process.pid, self._is_alive), daemon=True).start()

    def _is_alive(self) -> bool:
        return self.process.poll() is None


def end(pid: int, is_alive: Callable[[], bool]) -> None:
    """Ends the first process of a session: it is asked twice, as by Ctrl-C, then not any more. Those that it has
    started are ended with it then: an ffmpeg that is left alone writes its film to the end, and holds the pipes."""
    steps = (
        (os.kill, signal.SIGINT, FIRST_S),
        (os.kill, signal.SIGINT, SECOND_S - FIRST_S),
        (os.killpg, signal.SIGKILL, 1.0),
    )
    for send, number, patience in steps:
        if not is_alive():
            return
        try:
            send(pid, number)
        except ProcessLookupError:
            return
        give_up = time.monotonic() + patience
        while is_alive() and time.monotonic() < give_up:
            time.sleep(0.05)


def end_left_over(pid: int, folder: Path) -> None:
    """Ends the command that a studio which was killed has left running, if that process is still it."""
    import psutil

    try:
        process = psutil.Process(pid)
        is_it = process.cmdline()[: len(PROGRAM)] == PROGRAM and Path(process.cwd()) == folder.resolve()
    except psutil.Error:
        return
    if is_it:
        end(pid, lambda: process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
