"""Drives jobs over the workers of a cluster until every film is made, or cannot be."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

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
from stylize.events import FrameDone, Listener, Note, PassFinished, PassStarted, silent
from stylize.farm.actor import Failed, Greeting, Loader, Made
from stylize.farm.board import Board, Cell, Chunk, Rules
from stylize.farm.cluster import Share, cluster
from stylize.farm.crew import Crew, Hand
from stylize.farm.failures import write_failure
from stylize.farm.lanes import ENCODE, Source, lay_lanes
from stylize.jobs.job import Job
from stylize.jobs.receipt import film_is_there

HOPELESS = (UsageError, MissingPart, ModelError, VersionMismatch, CannotWrite)
"""What goes wrong with one frame and would with every other one."""
LISTEN_S = 0.25
"""How long the driver waits for a word before it looks at its leases."""
PATIENCE_S = 20.0
"""After so long without a worker, it says what it waits for."""


@dataclass(frozen=True)
class Settings:
    """How a run is spread: workers and what each takes, frames a task, and the rules for what fails."""

    address: str | None = None
    workers: int = 1
    share: Share = field(default_factory=Share)
    chunk: int = 16
    rules: Rules = field(default_factory=Rules)


@dataclass(frozen=True)
class Result:
    """What became of a job: its film is there, or the frames that could not be made and why."""

    done: bool
    poison: dict[tuple[str, int], str]
    missing: int
    reason: str | None = None


def drive(
    runs: Sequence[str],
    load: Loader,
    settings: Settings,
    listener: Listener = silent,
    stop: Callable[[], bool] = lambda: False,
) -> list[Result]:
    """Makes the films of run folders.

    Args:
        runs: the run folders, by paths or URLs that every worker can reach.
        load: takes up the job of a run folder, here and in the workers.
        settings: how.
        listener: is told what happens; a pass bears its job's name before its own where there are several jobs.
        stop: asked all the time; once it answers True, `Interrupted` is raised and the runs can be resumed.

    Returns:
        What became of each.

    Raises:
        StylizeError: no cluster, or no worker that can work.
    """
    jobs = [load(run) for run in runs]
    if all(film_is_there(job) for job in jobs):
        return [Result(True, {}, 0) for _ in jobs]
    lanes, sources = lay_lanes(jobs, settings.chunk)
    board = Board(lanes, settings.rules)
    with cluster(settings.address, settings.workers, settings.share) as ray:
        crew = Crew(ray, settings.workers, settings.share, load, runs)
        run = _Run(list(runs), jobs, board, sources, crew, listener)
        try:
            run.until(stop)
        finally:
            crew.close()
    return [run.result(number) for number in range(len(jobs))]


@dataclass
class _Run:
    runs: list[str]
    jobs: list[Job]
    board: Board
    sources: list[Source]
    crew: Crew
    listener: Listener
    began: dict[int, float] = field(default_factory=dict)
    finished: set[int] = field(default_factory=set)
    useless: list[StylizeError] = field(default_factory=list)
    idle_since: float = field(default_factory=time.monotonic)

    def until(self, stop: Callable[[], bool]) -> None:
        """The run itself: give out work, listen, look after what is silent."""
        self.crew.fill()
        self._announce()
        while not self.board.is_over:
            if stop():
                raise Interrupted("Stopped.", hint="give the same command again: it goes on from here")
            self._give_out()
            for hand, word in self.crew.listen(LISTEN_S):
                self._take(hand, word)
            for number in self.board.expired(time.monotonic()):
                self._lose(self.crew.hands[number], f"nothing was heard for {self.board.rules.lease_s:.0f} s")
            self._look_at_the_crew()

    def _give_out(self) -> None:
        for hand in list(self.crew.hands.values()):
            if hand.is_free:
                chunk = self.board.take(hand.number, time.monotonic())
                if chunk is None:
                    return
                self._begin(hand, chunk)

    def _begin(self, hand: Hand, chunk: Chunk) -> None:
        source, lane = self.sources[chunk.lane], self.board.lanes[chunk.lane]
        self._start(chunk.lane)
        run = self.runs[lane.job]
        if source.part is None:
            self.crew.begin(hand, ENCODE, run)
        else:
            self.crew.begin(hand, "make", run, source.part, lane.name, chunk.frames)

    def _take(self, hand: Hand, word: Greeting | Made | Failed | BaseException | None) -> None:
        if isinstance(word, BaseException):
            self._lose(hand, f"the worker died ({_first_line(word)})")
        elif isinstance(word, Made):
            self._made(hand, word)
        elif isinstance(word, Failed) and hand.greeting is None:
            self.useless.append(word.error or StylizeError(word.words))
            self.listener(Note(f"A worker cannot work: {word.words}"))
            self.crew.size -= 1
            self.crew.dismiss(hand)
        elif isinstance(word, Failed):
            self._failed(hand, word)
        elif word is None:
            self._ended(hand, "the worker said it was done, but this machine does not see the frames")

    def _made(self, hand: Hand, word: Made) -> None:
        lease = self.board.leases[hand.number]
        if self.board.heard(hand.number, time.monotonic(), word.frame) and word.frame is not None:
            self.listener(FrameDone(self._name(lease.chunk.lane), word.frame))
            self._finish(lease.chunk.lane)

    def _failed(self, hand: Hand, failed: Failed) -> None:
        lease = self.board.leases.get(hand.number)
        if lease is None:
            return
        lane = self.board.lanes[lease.chunk.lane]
        if isinstance(failed.error, NotReady):
            self._look_again(lease.chunk.lane, failed.error)
        elif isinstance(failed.error, HOPELESS):
            self.board.give_up(lane.job, failed.words + _hint(failed.error))
        self._ended(hand, failed.words, failed.error)

    def _look_again(self, lane: int, error: NotReady) -> None:
        """Frames that were made are gone: whoever took them away, they are made again."""
        for number, source in enumerate(self.sources):
            mine = self.board.lanes[number].job == self.board.lanes[lane].job
            if mine and source.part is not None and self.board.lanes[number].name == error.needed:
                part = source.job.parts[source.part]
                self.board.lost(number, part.store(error.needed).missing(error.frames))

    def _lose(self, hand: Hand, words: str) -> None:
        """A worker is dead or silent: it is replaced, and what it had is given out again."""
        self.crew.dismiss(hand)
        self._ended(hand, f"{words}: {hand.name}")
        self.crew.fill()

    def _ended(self, hand: Hand, words: str, error: StylizeError | None = None) -> None:
        lease = self.board.leases.get(hand.number)
        if lease is None:
            return
        chunk = lease.chunk
        fresh = [frame for frame in chunk.frames if frame not in self.board.done[chunk.lane]]
        missing = self._missing(chunk)
        lane = self.board.lanes[chunk.lane]
        if missing and self.sources[chunk.lane].part is not None:
            write_failure(self.jobs[lane.job].run_dir, lane.name, missing[0], error or words, hand.name)
        poisoned = self.board.end(hand.number, missing, words)
        for frame in fresh:
            if frame not in missing:
                self.listener(FrameDone(self._name(chunk.lane), frame))
        if poisoned is not None:
            self.listener(Note(f"{self._spell(poisoned)} cannot be made and is left out: {words}"))
        self._finish(chunk.lane)

    def _missing(self, chunk: Chunk) -> list[int]:
        source, name = self.sources[chunk.lane], self.board.lanes[chunk.lane].name
        if source.part is None:
            return [] if film_is_there(source.job) else list(chunk.frames)
        return source.job.parts[source.part].store(name).missing(chunk.frames)

    def _look_at_the_crew(self) -> None:
        if any(hand.greeting is not None for hand in self.crew.hands.values()):
            self.idle_since = time.monotonic()
        elif not self.crew.hands and self.useless:
            raise self.useless[0]
        elif time.monotonic() - self.idle_since > PATIENCE_S:
            share = self.crew.share
            wanted = [f"{share.cpus} CPU", f"{share.gpus:g} GPU" if share.gpus else "", *share.resources]
            words = ", ".join(word for word in wanted if word)
            self.listener(Note(f"No worker yet: waiting for a node with room for one ({words})."))
            self.idle_since = time.monotonic() + 5 * PATIENCE_S

    # What is told

    def _name(self, lane: int) -> str:
        name = self.board.lanes[lane].name
        return name if len(self.jobs) == 1 else f"{self._title(self.board.lanes[lane].job)} {name}"

    def _title(self, job: int) -> str:
        return self.jobs[job].out.name

    def _announce(self) -> None:
        for lane in range(len(self.board.lanes)):
            if self.board.is_complete(lane):
                self._start(lane)
                self._finish(lane)

    def _start(self, lane: int) -> None:
        """Tells of a pass when the first of its parts begins."""
        for each in self._alike(lane):
            if each in self.began:
                return
        together = self._alike(lane)
        total = sum(len(shot) for each in together for shot in self.board.lanes[each].shots)
        done = sum(len(self.board.done[each]) for each in together)
        self.began[lane] = time.monotonic()
        self.listener(PassStarted(self._name(lane), total, done))

    def _finish(self, lane: int) -> None:
        together = self._alike(lane)
        if together[0] not in self.finished and all(self.board.is_complete(each) for each in together):
            self.finished.add(together[0])
            began = min(self.began[each] for each in together if each in self.began)
            self.listener(PassFinished(self._name(lane), time.monotonic() - began))

    def _alike(self, lane: int) -> list[int]:
        """The lanes of one pass in all parts of a job."""
        mine = self.board.lanes[lane]
        return [
            n for n, each in enumerate(self.board.lanes) if (each.job, each.name) == (mine.job, mine.name)
        ]

    def _spell(self, cell: Cell) -> str:
        lane = self.board.lanes[cell[0]]
        if self.sources[cell[0]].part is None:
            return f"The film {self._title(lane.job)}"
        first = self.jobs[lane.job].clip.first_number or 0
        return f"Frame {cell[1] + first} of {self._name(cell[0])}"

    def result(self, job: int) -> Result:
        lanes = self.board.lanes
        poison = {
            (lanes[lane].name, frame): words
            for (lane, frame), words in self.board.poison.items()
            if lanes[lane].job == job
        }
        done = film_is_there(self.jobs[job])
        return Result(done, poison, len(self.board.missing(job)), self.board.given_up.get(job))


def _first_line(error: BaseException) -> str:
    lines = str(getattr(error, "cause", None) or error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__


def _hint(error: StylizeError) -> str:
    return f" ({error.hint})" if error.hint else ""
