"""Which worker makes which frames next: leases, retries and quarantine. No cluster, no clock, no disk.

The work is one queue of frames for each pass of each segment of each job, cut into chunks; a chunk can be given out
when every frame that it reads is done, so passes overlap. A worker makes a chunk's frames in order: when it fails,
the first missing frame is the one that it was making. That frame is tried again alone, the others together. A frame
that has failed `tries` times goes into quarantine, and everything that is not made from it goes on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stylize.farm.chunks import Chunk, FrameKey, PassQueue
from stylize.farm.ready_chunks import ReadyChunks


@dataclass
class Lease:
    """A chunk that a worker is making; `heard_at` is when the worker last reported, in seconds."""

    chunk: Chunk
    worker: int
    heard_at: float


@dataclass(frozen=True)
class RetryRules:
    """When something that fails is given up.

    Attributes:
        tries: how often a frame is tried before it goes into quarantine.
        lease_s: after how many seconds without a report a worker is given up.
        quarantine_limit: at how many frames in quarantine a job is given up.
        first_failures: at how many failures, before any frame succeeds, the whole run is given up.
    """

    tries: int = 3
    lease_s: float = 600.0
    quarantine_limit: int = 20
    first_failures: int = 8


class Scheduler:
    """The state of a run. Workers are known by their numbers; times are seconds of any clock.

    Attributes:
        quarantine: frames that are not tried again, each with the last error.
        given_up: jobs for which nothing more is begun, each with the reason.
        leases: what every busy worker makes, by the worker's number.
    """

    def __init__(self, queues: Sequence[PassQueue], rules: RetryRules | None = None) -> None:
        self.queues = queues
        self.rules = rules or RetryRules()
        self.quarantine: dict[FrameKey, str] = {}
        self.given_up: dict[int, str] = {}
        self.leases: dict[int, Lease] = {}
        self._chunks = ReadyChunks(queues)
        self._tries: dict[FrameKey, int] = defaultdict(int)
        self._made = self._failed = 0

    # What is to be done

    def take(self, worker: int, now: float) -> Chunk | None:
        """Leases the next chunk to a worker; None where nothing is ready."""
        chunk = self._chunks.pop(self._is_wanted)
        if chunk is not None:
            self.leases[worker] = Lease(chunk, worker, now)
        return chunk

    @property
    def is_over(self) -> bool:
        """Whether nothing more can be done: every frame is made, in quarantine, or made from one that is."""
        return not self.leases and not self._chunks.any(self._is_wanted)

    def done(self, queue: int) -> set[int]:
        """The finished frames of a queue."""
        return self._chunks.done[queue]

    def is_complete(self, queue: int) -> bool:
        return len(self.done(queue)) >= self.queues[queue].frame_count

    def missing(self, job: int) -> list[tuple[str, int]]:
        """The frames of a job that are not made, each with its pass."""
        return [
            (queue.name, frame)
            for number, queue in enumerate(self.queues)
            if queue.job == job
            for shot in queue.shots
            for frame in shot
            if frame not in self.done(number)
        ]

    # What workers report

    def report(self, worker: int, now: float, frame: int | None = None) -> bool:
        """A worker is alive; with a frame, that one is made. Returns whether the frame was not made before."""
        lease = self.leases.get(worker)
        if lease is None:
            return False
        lease.heard_at = now
        return frame is not None and self._finish((lease.chunk.queue, frame))

    def end(self, worker: int, missing: Sequence[int], error: str = "") -> FrameKey | None:
        """A worker has finished its chunk, failed or died.

        Args:
            missing: those of the chunk's frames that the store lacks, ascending.
            error: why, where some are missing.

        Returns:
            The frame that goes into quarantine because of it, if one does.
        """
        lease = self.leases.pop(worker, None)
        if lease is None:
            return None
        chunk = lease.chunk
        for frame in chunk.frames:
            if frame not in missing:
                self._finish((chunk.queue, frame))
        return self._retry(chunk, missing, error) if missing else None

    def lost(self, queue: int, frames: Iterable[int]) -> None:
        """Frames that were done are gone from the store: they are made again."""
        gone = [frame for frame in frames if frame in self.done(queue)]
        self.done(queue).difference_update(gone)
        for shot, numbers in enumerate(self.queues[queue].shots):
            of_shot = tuple(frame for frame in gone if frame in numbers)
            if of_shot:
                self._chunks.add(Chunk(queue, shot, of_shot))

    def expired(self, now: float) -> list[int]:
        """The workers that have not reported for longer than a lease lasts."""
        return [lease.worker for lease in self.leases.values() if now - lease.heard_at > self.rules.lease_s]

    def give_up(self, job: int, reason: str) -> None:
        """Nothing more is begun for a job."""
        self.given_up.setdefault(job, reason)

    # Inside

    def _is_wanted(self, chunk: Chunk) -> bool:
        return self.queues[chunk.queue].job not in self.given_up

    def _finish(self, key: FrameKey) -> bool:
        is_new = self._chunks.finish(key)
        self._made += is_new
        return is_new

    def _retry(self, chunk: Chunk, missing: Sequence[int], error: str) -> FrameKey | None:
        """The first missing frame is tried again alone or goes into quarantine, the others are tried together."""
        suspect = (chunk.queue, missing[0])
        self._failed += 1
        self._tries[suspect] += 1
        if len(missing) > 1:
            self._chunks.add(chunk.only(missing[1:]))
        is_last_try = self._tries[suspect] >= self.rules.tries
        if is_last_try:
            self.quarantine[suspect] = error
            self._chunks.give_up(suspect)
        else:
            self._chunks.add(chunk.only(missing[:1]))
        self._check_limits(self.queues[chunk.queue].job, error)
        return suspect if is_last_try else None

    def _check_limits(self, job: int, error: str) -> None:
        if self._made == 0 and self._failed >= self.rules.first_failures:
            for each in {queue.job for queue in self.queues}:
                self.give_up(each, f"No worker could make a single frame. {error}")
        failed = sum(self.queues[queue].job == job for queue, _ in self.quarantine)
        if failed >= self.rules.quarantine_limit:
            self.give_up(job, f"{failed} frames could not be made. {error}")
