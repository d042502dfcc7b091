"""Who makes what next: chunks, leases, retries, splitting and quarantine. No cluster, no clock, no disk.

The work is a set of lanes, one for each pass of each part of each job. A lane's frames are cut into chunks; a chunk
is ready when every frame that it reads is done, so passes overlap. Workers make a chunk's frames in order, so when
one fails the first frame that is missing is the one that it was at: the suspect. It is tried again alone, the
others together; a frame that has failed `tries` times is put in quarantine, and everything that is not made from it
goes on.
"""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Cell = tuple[int, int]
"""A frame: its lane's number, and its own."""


@dataclass(frozen=True)
class Lane:
    """One pass of one part of one job.

    `shots` are the frames that the pass makes, shot by shot; `done` those that are made already; `reads` answers
    which frames of other lanes are read to make some of a shot, by the lane's number.
    """

    job: int
    name: str
    shots: tuple[Sequence[int], ...]
    done: frozenset[int]
    reads: Callable[[Sequence[int], range], Mapping[int, Iterable[int]]]
    chunk: int
    """How many frames a task makes."""
    batch_alignment: int = 1
    """How many frames are made at once: chunks begin at multiples of it."""


@dataclass(frozen=True)
class Chunk:
    """Frames of one shot of a lane, which one worker makes in order."""

    lane: int
    shot: int
    frames: tuple[int, ...]


@dataclass
class Lease:
    """A chunk in a worker's hands; `heard_at` is when it last gave a sign."""

    chunk: Chunk
    worker: int
    heard_at: float


@dataclass(frozen=True)
class Rules:
    """`tries` of a frame before its quarantine; `lease_s` without a sign before a worker is given up; a job is
    given up at `poisoned` frames in quarantine, the whole run at `hopeless` failures before any success."""

    tries: int = 3
    lease_s: float = 600.0
    poisoned: int = 20
    hopeless: int = 8


@dataclass
class Board:
    """The state of a run.

    Attributes:
        poison: frames in quarantine, with their last words.
        given_up: jobs that are given up, with the reason.
    """

    lanes: Sequence[Lane]
    rules: Rules = field(default_factory=Rules)
    poison: dict[Cell, str] = field(default_factory=dict)
    given_up: dict[int, str] = field(default_factory=dict)
    leases: dict[int, Lease] = field(default_factory=dict)
    """By worker."""

    def __post_init__(self) -> None:
        self.done: list[set[int]] = [set(lane.done) for lane in self.lanes]
        self._tries: dict[Cell, int] = defaultdict(int)
        self._ready: list[tuple[int, int, tuple[int, ...]]] = []
        self._unmet: dict[Chunk, set[Cell]] = {}
        self._waiters: dict[Cell, list[Chunk]] = defaultdict(list)
        self._hopeless: set[Cell] = set()
        self._made = self._failed = 0
        for number in range(len(self.lanes)):
            for chunk in self._cut(number):
                self._queue(chunk)

    # What is to be done

    def take(self, worker: int, now: float) -> Chunk | None:
        """The next chunk for a worker, which has it on lease from now on; None where nothing is ready."""
        while self._ready:
            lane, shot, frames = heapq.heappop(self._ready)
            if self.lanes[lane].job not in self.given_up:
                chunk = Chunk(lane, shot, frames)
                self.leases[worker] = Lease(chunk, worker, now)
                return chunk
        return None

    @property
    def is_over(self) -> bool:
        """Whether nothing more can be done: all is made, or hangs on frames in quarantine."""
        return not self.leases and not any(
            self.lanes[lane].job not in self.given_up for lane, _, _ in self._ready
        )

    def missing(self, job: int) -> list[tuple[str, int]]:
        """The frames of a job that are not made, by pass."""
        return [
            (lane.name, frame)
            for number, lane in enumerate(self.lanes)
            if lane.job == job
            for shot in lane.shots
            for frame in shot
            if frame not in self.done[number]
        ]

    def is_complete(self, lane: int) -> bool:
        return len(self.done[lane]) >= sum(len(shot) for shot in self.lanes[lane].shots)

    # What workers say

    def heard(self, worker: int, now: float, frame: int | None = None) -> bool:
        """A sign of life; with a frame, one that is made. Answers whether the frame is new."""
        lease = self.leases.get(worker)
        if lease is None:
            return False
        lease.heard_at = now
        return frame is not None and self._finish((lease.chunk.lane, frame))

    def end(self, worker: int, missing: Sequence[int], words: str = "") -> Cell | None:
        """A worker is through with its chunk or lost.

        Args:
            missing: those of the chunk's frames that the store lacks, in order.
            words: why, where some are missing.

        Returns:
            The frame that goes into quarantine by this, if one does.
        """
        lease = self.leases.pop(worker, None)
        if lease is None:
            return None
        chunk = lease.chunk
        for frame in chunk.frames:
            if frame not in missing:
                self._finish((chunk.lane, frame))
        if not missing:
            return None
        self._failed += 1
        suspect = (chunk.lane, missing[0])
        self._tries[suspect] += 1
        if len(missing) > 1:
            self._queue(Chunk(chunk.lane, chunk.shot, tuple(missing[1:])))
        if self._tries[suspect] < self.rules.tries:
            self._queue(Chunk(chunk.lane, chunk.shot, (missing[0],)))
            self._judge(self.lanes[chunk.lane].job, words)
            return None
        self.poison[suspect] = words
        self._block(suspect)
        self._judge(self.lanes[chunk.lane].job, words)
        return suspect

    def lost(self, lane: int, frames: Iterable[int]) -> None:
        """Frames that were done are gone from the store: they are made again."""
        gone = [frame for frame in frames if frame in self.done[lane]]
        self.done[lane] -= set(gone)
        for shot, numbers in enumerate(self.lanes[lane].shots):
            mine = tuple(frame for frame in gone if frame in numbers)
            if mine:
                self._queue(Chunk(lane, shot, mine))

    def expired(self, now: float) -> list[int]:
        """The workers from which nothing was heard for too long."""
        return [each.worker for each in self.leases.values() if now - each.heard_at > self.rules.lease_s]

    def give_up(self, job: int, words: str) -> None:
        """Nothing more is begun for a job."""
        self.given_up.setdefault(job, words)

    # Inside

    def _cut(self, number: int) -> Iterable[Chunk]:
        """A lane's missing frames in chunks, each a run of neighbours that begins at a multiple of the grain."""
        lane = self.lanes[number]
        size = -(-lane.chunk // lane.batch_alignment) * lane.batch_alignment
        for shot, frames in enumerate(lane.shots):
            for start in range(0, len(frames), size):
                wanted = [frame for frame in frames[start : start + size] if frame not in lane.done]
                if wanted:
                    yield Chunk(number, shot, tuple(wanted))

    def _queue(self, chunk: Chunk) -> None:
        """Makes a chunk ready, or lets it wait for what it reads."""
        unmet = {place for place in self._reads(chunk) if place[1] not in self.done[place[0]]}
        if not self._hopeless.isdisjoint(unmet):
            self._divide(chunk)
        elif unmet:
            self._unmet[chunk] = unmet
            for place in unmet:
                self._waiters[place].append(chunk)
        else:
            heapq.heappush(self._ready, (chunk.lane, chunk.shot, chunk.frames))

    def _reads(self, chunk: Chunk) -> set[Cell]:
        lane = self.lanes[chunk.lane]
        shot = lane.shots[chunk.shot]
        places = sorted(_positions(shot, chunk.frames))
        found: set[Cell] = set()
        for _, run in itertools.groupby(enumerate(places), key=lambda pair: pair[1] - pair[0]):
            run_of = [place for _, place in run]
            for other, frames in lane.reads(shot, range(run_of[0], run_of[-1] + 1)).items():
                found.update((other, frame) for frame in frames)
        return found

    def _finish(self, place: Cell) -> bool:
        lane, frame = place
        if frame in self.done[lane]:
            return False
        self.done[lane].add(frame)
        self._made += 1
        for chunk in self._waiters.pop(place, []):
            unmet = self._unmet.get(chunk)
            if unmet is not None:
                unmet.discard(place)
                if not unmet:
                    del self._unmet[chunk]
                    heapq.heappush(self._ready, (chunk.lane, chunk.shot, chunk.frames))
        return True

    def _block(self, cell: Cell) -> None:
        """A frame will not be made. The waiting chunks that read it are divided, to save what does not."""
        self._hopeless.add(cell)
        for chunk in self._waiters.pop(cell, []):
            if self._unmet.pop(chunk, None) is not None:
                self._divide(chunk)

    def _divide(self, chunk: Chunk) -> None:
        """A chunk of several frames becomes one of each; a single frame will not be made, nor what reads it."""
        if len(chunk.frames) == 1:
            self._block((chunk.lane, chunk.frames[0]))
            return
        for frame in chunk.frames:
            self._queue(Chunk(chunk.lane, chunk.shot, (frame,)))

    def _judge(self, job: int, words: str) -> None:
        if self._made == 0 and self._failed >= self.rules.hopeless:
            for each in {lane.job for lane in self.lanes}:
                self.give_up(each, f"No worker could make a single frame. {words}")
        bad = sum(self.lanes[lane].job == job for lane, _ in self.poison)
        if bad >= self.rules.poisoned:
            self.give_up(job, f"{bad} frames could not be made. {words}")


def _positions(shot: Sequence[int], frames: Sequence[int]) -> list[int]:
    """Where ascending frames stand in a shot's ascending frames."""
    if isinstance(shot, range):
        return [frame - shot.start for frame in frames]
    index = {number: at for at, number in enumerate(shot)}
    return [index[frame] for frame in frames]
