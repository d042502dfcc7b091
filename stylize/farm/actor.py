"""The worker as a Ray actor: it lives in a process of its own and keeps what its pass has loaded."""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from stylize.errors import StylizeError
from stylize.farm.job_access import segment_pass
from stylize.jobs.job import RenderJob
from stylize.passes.base import Pass

JobLoader = Callable[[str], RenderJob]
"""Loads the job of a run folder, given by its path or URL."""


@dataclass(frozen=True)
class WorkerReady:
    """A worker has started: its host's name, its process id, and Ray's id of its node."""

    host: str
    process: int
    node: str


@dataclass(frozen=True)
class Progress:
    """A frame is in the store; with None, the worker is alive and makes a film."""

    frame: int | None


@dataclass(frozen=True)
class TaskFailure:
    """A task, or the worker's start, has failed. `error` is the error where it is one of the program's own."""

    message: str
    error: StylizeError | None


class Worker:
    """Makes frames of any pass of any job, one task after the other.

    Args:
        load: loads the job of a run folder.
        runs: the run folders of all jobs, which it must see.
        cpus: how many threads it may use.
    """

    def __init__(self, load: JobLoader, runs: Sequence[str], cpus: int) -> None:
        self._load, self._runs, self._cpus = load, runs, cpus
        self._jobs: dict[str, RenderJob] = {}
        self._step: Pass | None = None

    def start(self) -> WorkerReady | TaskFailure:
        """Loads every job: it must see the run folders, and be of the version that planned them."""
        import ray

        with _caught() as failures:
            import cv2

            cv2.setNumThreads(self._cpus)
            for run in self._runs:
                self._job(run)
        if failures:
            return failures[0]
        return WorkerReady(socket.gethostname(), os.getpid(), ray.get_runtime_context().get_node_id())

    def make(
        self, run: str, segment: int, name: str, frames: Sequence[int]
    ) -> Iterator[Progress | TaskFailure]:
        """Makes frames of a pass of a segment of a run's job: see `stylize.passes.runner.make`."""
        from stylize.passes.runner import make

        with _caught() as failures:
            each = segment_pass(self._job(run), segment, name)
            if each.step is not self._step and self._step is not None:
                self._step.close()  # one pass's weights at a time
            self._step = each.step
            for frame in make(each.segment, each.step, frames):
                yield Progress(frame)
        if failures:
            yield failures[0]

    def encode(self, run: str) -> Iterator[Progress | TaskFailure]:
        """Makes the film of a run's job: see `stylize.pipeline.finish`."""
        from stylize.pipeline import finish

        reports: queue.SimpleQueue[Progress | None] = queue.SimpleQueue()
        failed: list[TaskFailure] = []

        def work() -> None:
            with _caught() as failures:
                finish(self._job(run), lambda event: reports.put(Progress(None)), lambda: False)
            failed.extend(failures)
            reports.put(None)

        threading.Thread(target=work, daemon=True).start()
        while (report := reports.get()) is not None:  # no `yield from`: Ray sends values to its generators
            yield report
        if failed:
            yield failed[0]

    def _job(self, run: str) -> RenderJob:
        if run not in self._jobs:
            self._jobs[run] = self._load(run)
        return self._jobs[run]


@contextlib.contextmanager
def _caught() -> Iterator[list[TaskFailure]]:
    """Collects the block's error, if any, as a message: the driver may not be able to load the classes of errors
    that happen here."""
    failures: list[TaskFailure] = []
    try:
        yield failures
    except StylizeError as error:
        failures.append(TaskFailure(str(error), error))
    except Exception as error:
        first_line = (str(error).strip().splitlines() or [""])[0]
        failures.append(TaskFailure(f"{type(error).__name__}: {first_line}", None))
