"""The worker as an actor of a cluster: it lives in a process of its own and keeps what its pass has loaded."""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from stylize.errors import StylizeError
from stylize.jobs.job import Job
from stylize.passes.base import Pass

Loader = Callable[[str], Job]
"""Takes up the job of a run folder, given by its path or URL."""


@dataclass(frozen=True)
class Greeting:
    """Where a worker lives."""

    host: str
    process: int
    node: str


@dataclass(frozen=True)
class Made:
    """A frame is committed; None is a sign of life from a film being made."""

    frame: int | None


@dataclass(frozen=True)
class Failed:
    """Something went wrong with the frame that was being made. `error` is None where no part of the program
    turned it into a sentence; then `words` say what it was."""

    words: str
    error: StylizeError | None


class Worker:
    """Makes frames of any pass of any job, one task after the other.

    Args:
        load: takes up the job of a run folder.
        runs: the run folders of all jobs, which it must see.
        cpus: how many threads it may use.
    """

    def __init__(self, load: Loader, runs: Sequence[str], cpus: int) -> None:
        self._load, self._runs, self._cpus = load, runs, cpus
        self._jobs: dict[str, Job] = {}
        self._step: Pass | None = None

    def greet(self) -> Greeting | Failed:
        """Looks for every run folder, and sees that this is the version that planned the jobs."""
        import cv2
        import ray

        cv2.setNumThreads(self._cpus)
        try:
            for run in self._runs:
                self._job(run)
        except StylizeError as error:
            return Failed(str(error), error)
        return Greeting(socket.gethostname(), os.getpid(), ray.get_runtime_context().get_node_id())

    def make(self, run: str, part: int, name: str, frames: Sequence[int]) -> Iterator[Made | Failed]:
        """Makes frames of a pass of a part of the job in a run folder: see `stylize.passes.runner.make`."""
        from stylize.passes.runner import make

        with _told() as told:
            whole = self._job(run).parts[part]
            step = next(step for step in whole.steps if step.name == name)
            if step is not self._step and self._step is not None:
                self._step.close()  # one pass's weights at a time
            self._step = step
            for frame in make(whole, step, frames):
                yield Made(frame)
        if told:
            yield told[0]

    def encode(self, run: str) -> Iterator[Made | Failed]:
        """Makes the film of a run folder: see `stylize.pipeline.finish`."""
        from stylize.pipeline import finish

        said: queue.SimpleQueue[Made | None] = queue.SimpleQueue()
        told: list[Failed] = []

        def work() -> None:
            with _told() as failures:
                finish(self._job(run), lambda event: said.put(Made(None)), lambda: False)
            told.extend(failures)
            said.put(None)

        threading.Thread(target=work, daemon=True).start()
        while (sign := said.get()) is not None:  # no `yield from`: Ray sends to its generators
            yield sign
        if told:
            yield told[0]

    def _job(self, run: str) -> Job:
        if run not in self._jobs:
            self._jobs[run] = self._load(run)
        return self._jobs[run]


@contextlib.contextmanager
def _told() -> Iterator[list[Failed]]:
    """Errors as words: the driver has another memory, and may not know the classes of all that breaks here."""
    told: list[Failed] = []
    try:
        yield told
    except StylizeError as error:
        told.append(Failed(str(error), error))
    except Exception as error:
        first_line = (str(error).strip().splitlines() or [""])[0]
        told.append(Failed(f"{type(error).__name__}: {first_line}", None))
