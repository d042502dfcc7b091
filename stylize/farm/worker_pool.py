"""The workers of a run: actors that start, work, die and are replaced."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from stylize.farm.actor import JobLoader, Progress, TaskFailure, Worker, WorkerReady
from stylize.farm.cluster import ResourceRequest

Report = WorkerReady | Progress | TaskFailure | BaseException | None
"""What comes from a worker: None at the end of a task, an exception where the worker has died."""


@dataclass
class WorkerHandle:
    """One worker, as the driver knows it.

    Attributes:
        number: its own, never given to another.
        actor: Ray's handle.
        starting: Ray's reference to what `Worker.start` returns.
        ready: where it lives, once it has started.
        task: Ray's reference to the stream of the task that it works on.
    """

    number: int
    actor: Any
    starting: Any
    ready: WorkerReady | None = None
    task: Any = None

    @property
    def awaited(self) -> Any:
        """The reference from which its next report comes."""
        return self.task if self.ready is not None else self.starting

    @property
    def is_free(self) -> bool:
        return self.ready is not None and self.task is None

    @property
    def name(self) -> str:
        if self.ready is None:
            return "a worker that never started"
        return f"{self.ready.host}, process {self.ready.process}"


@dataclass
class WorkerPool:
    """Actors of `stylize.farm.actor.Worker`, `size` of them as far as the cluster has room.

    Args:
        ray: the package, connected to a cluster.
        size: how many workers there shall be.
        request: what each takes of its node.
        load: loads the job of a run folder.
        runs: the run folders of all jobs.
    """

    ray: Any
    size: int
    request: ResourceRequest
    load: JobLoader
    runs: Sequence[str]
    workers: dict[int, WorkerHandle] = field(default_factory=dict)
    """By number."""
    _started: int = 0

    def fill(self) -> None:
        """Asks for as many workers as are missing; those for which there is no room start when there is."""
        while len(self.workers) < self.size:
            number, self._started = self._started, self._started + 1
            actor = (
                self.ray.remote(Worker)
                .options(
                    num_cpus=self.request.cpus,
                    num_gpus=self.request.gpus,
                    resources=dict(self.request.resources) or None,
                    max_restarts=0,
                    max_task_retries=0,
                    max_concurrency=1,
                )
                .remote(self.load, list(self.runs), self.request.cpus)
            )
            self.workers[number] = WorkerHandle(number, actor, actor.start.remote())

    def assign(self, worker: WorkerHandle, method: str, *arguments: Any) -> None:
        """Gives a free worker a task, a method of `Worker`; its reports come out of `receive`."""
        worker.task = getattr(worker.actor, method).options(num_returns="streaming").remote(*arguments)

    def receive(self, timeout_s: float) -> list[tuple[WorkerHandle, Report]]:
        """What workers report within so many seconds, at most one report of each."""
        awaited = {each.awaited: each for each in self.workers.values() if each.awaited is not None}
        if not awaited:
            time.sleep(timeout_s)
            return []
        references = list(awaited)
        ready, _ = self.ray.wait(references, num_returns=1, timeout=timeout_s, fetch_local=False)
        if ready:  # one has come: take all that are there
            ready, _ = self.ray.wait(references, num_returns=len(references), timeout=0, fetch_local=False)
        return [(awaited[reference], self._report_of(awaited[reference])) for reference in ready]

    def _report_of(self, worker: WorkerHandle) -> Report:
        try:
            if worker.ready is None:
                report: WorkerReady | TaskFailure = self.ray.get(worker.starting)
                if isinstance(report, WorkerReady):
                    worker.ready = report
                return report
            progress: Progress | TaskFailure = self.ray.get(next(worker.task))
            return progress
        except StopIteration:
            worker.task = None
            return None
        except self.ray.exceptions.RayError as error:
            return error  # as a report: the worker is lost, the run is not

    def remove(self, worker: WorkerHandle) -> None:
        """Ends a worker by force, as it may hang."""
        self.workers.pop(worker.number, None)
        self.ray.kill(worker.actor, no_restart=True)
        if worker.ready is not None:
            self._kill_process(worker.ready)

    def _kill_process(self, worker: WorkerReady) -> None:
        """Ends the process itself: a stopped one does not react to `ray.kill`, and its resources stay taken."""
        if worker.host == socket.gethostname():
            _kill(worker.process)
            return
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        on_its_node = NodeAffinitySchedulingStrategy(worker.node, soft=False)
        options = {"num_cpus": 0, "scheduling_strategy": on_its_node, "max_retries": 0}
        self.ray.remote(_kill).options(**options).remote(worker.process)

    def close(self) -> None:
        """Ends all workers, so that their resources are free for the next run."""
        for worker in list(self.workers.values()):
            self.remove(worker)


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
