"""Drives jobs over the workers of a cluster until every film is made, or cannot be."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from stylize.errors import (
    CannotWrite,
    Interrupted,
    MissingPart,
    ModelError,
    NotReady,
    StylizeError,
    UsageError,
    VersionMismatch,
)
from stylize.events import Listener, Note, silent
from stylize.farm.actor import JobLoader, Progress, TaskFailure
from stylize.farm.chunks import Chunk
from stylize.farm.cluster import ResourceRequest, cluster
from stylize.farm.failures import write_failure
from stylize.farm.job_access import ENCODE, film_is_there
from stylize.farm.pass_queues import RunQueues, queues_of
from stylize.farm.run_events import RunEvents
from stylize.farm.scheduler import RetryRules, Scheduler
from stylize.farm.worker_pool import Report, WorkerHandle, WorkerPool
from stylize.jobs.job import RenderJob

JOB_ERRORS = (UsageError, MissingPart, ModelError, VersionMismatch, CannotWrite)
"""Errors that every frame of the job would meet: the job is given up at the first of them."""
RECEIVE_S = 0.25
"""How long the driver waits for reports before it looks at its leases."""
NO_WORKER_NOTE_S = 20.0
"""After so long without a worker, the driver says what it waits for; then every `NO_WORKER_REPEAT_S` again."""
NO_WORKER_REPEAT_S = 120.0


@dataclass(frozen=True)
class DriveSettings:
    """How a run is spread.

    Attributes:
        address: of a running cluster; None starts one on this machine.
        workers: how many, as far as the cluster has room.
        request: what each worker takes of its node.
        chunk_size: how many frames one task makes.
        rules: when something that fails is given up.
    """

    address: str | None = None
    workers: int = 1
    request: ResourceRequest = field(default_factory=ResourceRequest)
    chunk_size: int = 16
    rules: RetryRules = field(default_factory=RetryRules)


@dataclass(frozen=True)
class JobResult:
    """What became of a job.

    Attributes:
        done: its film is made.
        quarantine: the frames that could not be made, by pass and frame, each with its last error.
        missing: how many frames of passes are not made, those that are made from others included.
        reason: why the job was given up, if it was.
    """

    done: bool
    quarantine: dict[tuple[str, int], str]
    missing: int
    reason: str | None = None


def drive(
    runs: Sequence[str],
    load: JobLoader,
    settings: DriveSettings,
    listener: Listener = silent,
    stop: Callable[[], bool] = lambda: False,
) -> list[JobResult]:
    """Makes the films of run folders.

    Args:
        runs: the run folders, by paths or URLs under which every worker reaches them.
        load: loads the job of a run folder, here and in the workers.
        settings: how the run is spread.
        listener: is told what happens; where there are several jobs, a pass's name bears its job's before it.
        stop: asked all the time; once it answers True, `Interrupted` is raised and the runs can be resumed.

    Returns:
        What became of each job.

    Raises:
        StylizeError: there is no cluster, or no worker that can work.
    """
    runs = [run if "://" in run else str(Path(run).absolute()) for run in runs]
    jobs = [load(run) for run in runs]
    if all(film_is_there(job) for job in jobs):
        return [JobResult(True, {}, 0) for _ in jobs]
    for note in dict.fromkeys(note for job in jobs for note in job.notes):
        listener(Note(note))
    run_queues = queues_of(jobs, settings.chunk_size)
    scheduler = Scheduler(run_queues.queues, settings.rules)
    with cluster(settings.address, settings.workers, settings.request) as ray:
        pool = WorkerPool(ray, settings.workers, settings.request, load, runs)
        events = RunEvents(jobs, run_queues, scheduler, listener)
        try:
            _Drive(runs, jobs, run_queues, scheduler, pool, events).until_over(stop)
        finally:
            pool.close()
    return [_result(number, job, scheduler) for number, job in enumerate(jobs)]


def _result(number: int, job: RenderJob, scheduler: Scheduler) -> JobResult:
    quarantine = {
        (scheduler.queues[queue].name, frame): error
        for (queue, frame), error in scheduler.quarantine.items()
        if scheduler.queues[queue].job == number
    }
    missing = len(scheduler.missing(number))
    return JobResult(film_is_there(job), quarantine, missing, scheduler.given_up.get(number))


@dataclass
class _Drive:
    """A run under way: carries chunks from the scheduler to the workers, and their reports back."""

    runs: Sequence[str]
    jobs: Sequence[RenderJob]
    run_queues: RunQueues
    scheduler: Scheduler
    pool: WorkerPool
    events: RunEvents
    start_errors: list[StylizeError] = field(default_factory=list)
    """Of workers that cannot work; they are not replaced."""
    failed_starts: int = 0
    """Workers that died while they started, since the last one that did start."""
    note_due: float = 0.0

    def until_over(self, stop: Callable[[], bool]) -> None:
        self.pool.fill()
        self.events.complete_passes()
        self.note_due = time.monotonic() + NO_WORKER_NOTE_S
        while not self.scheduler.is_over:
            if stop():
                raise Interrupted("Stopped.", hint="give the same command again: it goes on from here")
            self._assign_chunks()
            for worker, report in self.pool.receive(RECEIVE_S):
                self._handle(worker, report)
            for number in self.scheduler.expired(time.monotonic()):
                silence = f"nothing was heard for {self.scheduler.rules.lease_s:.0f} s"
                self._replace(self.pool.workers[number], silence)
            self._check_pool()

    def _assign_chunks(self) -> None:
        for worker in list(self.pool.workers.values()):
            if worker.is_free:
                chunk = self.scheduler.take(worker.number, time.monotonic())
                if chunk is None:
                    return
                self._assign(worker, chunk)

    def _assign(self, worker: WorkerHandle, chunk: Chunk) -> None:
        source = self.run_queues.passes[chunk.queue]
        run = self.runs[self.run_queues.queues[chunk.queue].job]
        self.events.begun(chunk.queue)
        if source is None:
            self.pool.assign(worker, ENCODE, run)
        else:
            self.pool.assign(worker, "make", run, source.index, source.name, chunk.frames)

    # Reports

    def _handle(self, worker: WorkerHandle, report: Report) -> None:
        if isinstance(report, BaseException):
            self._replace(worker, f"the worker died ({_first_line(report)})")
        elif isinstance(report, Progress):
            self._progress(worker, report)
        elif isinstance(report, TaskFailure) and worker.ready is None:
            self._start_failed(worker, report)
        elif isinstance(report, TaskFailure):
            self._task_failed(worker, report)
        elif report is None:
            self._end(worker, "the worker said it was done, but this machine does not see the frames")
        else:
            self.failed_starts = 0

    def _progress(self, worker: WorkerHandle, progress: Progress) -> None:
        queue = self.scheduler.leases[worker.number].chunk.queue
        is_new = self.scheduler.report(worker.number, time.monotonic(), progress.frame)
        if is_new and progress.frame is not None:
            self.events.frames_done(queue, [progress.frame])

    def _start_failed(self, worker: WorkerHandle, failure: TaskFailure) -> None:
        """A worker has said why it cannot work; another one on the same node would say the same."""
        self.start_errors.append(failure.error or StylizeError(failure.message))
        self.events.note(f"A worker cannot work: {failure.message}")
        self.pool.size -= 1
        self.pool.remove(worker)

    def _task_failed(self, worker: WorkerHandle, failure: TaskFailure) -> None:
        lease = self.scheduler.leases.get(worker.number)
        if lease is None:
            return
        job = self.scheduler.queues[lease.chunk.queue].job
        if isinstance(failure.error, NotReady):
            self._requeue_lost(job, failure.error)
        elif isinstance(failure.error, JOB_ERRORS):
            hint = f" ({failure.error.hint})" if failure.error.hint else ""
            self.scheduler.give_up(job, failure.message + hint)
        self._end(worker, failure.message, failure.error)

    def _requeue_lost(self, job: int, error: NotReady) -> None:
        """Frames that had been made are gone from the store: they are made again."""
        for number, source in enumerate(self.run_queues.passes):
            queue = self.run_queues.queues[number]
            if source is not None and (queue.job, queue.name) == (job, error.needed):
                self.scheduler.lost(number, source.missing(error.frames))

    def _replace(self, worker: WorkerHandle, reason: str) -> None:
        """A worker is dead or silent: another one starts, and its chunk is given out again."""
        error = f"{reason}: {worker.name}"
        self.pool.remove(worker)
        self._end(worker, error)
        if worker.ready is None:
            self.failed_starts += 1
            if self.failed_starts >= self.scheduler.rules.first_failures:
                hint = "is stylize installed on every machine of the cluster?"
                raise StylizeError(f"No worker can start: {reason}.", hint=hint)
        self.pool.fill()

    def _end(self, worker: WorkerHandle, message: str, error: StylizeError | None = None) -> None:
        """A worker's task is over. What the store holds decides which of its frames are made."""
        lease = self.scheduler.leases.get(worker.number)
        if lease is None:
            return
        chunk = lease.chunk
        missing = self._missing(chunk)
        done = self.scheduler.done(chunk.queue)
        unreported = [frame for frame in chunk.frames if frame not in done and frame not in missing]
        source = self.run_queues.passes[chunk.queue]
        if missing and source is not None:
            write_failure(source.job.run_dir, source.name, missing[0], error or message, worker.name)
        quarantined = self.scheduler.end(worker.number, missing, message)
        self.events.frames_done(chunk.queue, unreported)
        if quarantined is not None:
            self.events.quarantined(quarantined, message)

    def _missing(self, chunk: Chunk) -> list[int]:
        source = self.run_queues.passes[chunk.queue]
        if source is not None:
            return source.missing(chunk.frames)
        film_exists = film_is_there(self.jobs[self.run_queues.queues[chunk.queue].job])
        return [] if film_exists else list(chunk.frames)

    def _check_pool(self) -> None:
        """Ends a run for which nobody can work, and says what one waits for that nobody works for."""
        now = time.monotonic()
        if any(worker.ready for worker in self.pool.workers.values()):
            self.note_due = now + NO_WORKER_NOTE_S
        elif not self.pool.workers and self.start_errors:
            raise self.start_errors[0]
        elif now > self.note_due:
            request = self.pool.request
            gpus = [f"{request.gpus:g} GPU"] if request.gpus else []
            wanted = ", ".join([f"{request.cpus} CPU", *gpus, *request.resources])
            self.events.note(f"No worker yet: waiting for a node with room for one ({wanted}).")
            self.note_due = now + NO_WORKER_REPEAT_S


def _first_line(error: BaseException) -> str:
    lines = str(getattr(error, "cause", None) or error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
