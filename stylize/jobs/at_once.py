"""Makes a job's frames and its films at the same time: every pass and every film in a thread of its own."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from deflicker.threads import own_threads
from stylize.errors import Interrupted
from stylize.events import Event, FrameDone, Listener, PassFinished, PassStarted
from stylize.jobs.earlier_runs import RunClock
from stylize.jobs.encode import encode
from stylize.jobs.films import FilmOutput
from stylize.jobs.job import RenderJob, Segment
from stylize.jobs.shown import picture_shown
from stylize.passes.base import Inputs, Pass
from stylize.passes.channel import Abandoned, Work
from stylize.passes.overlap import OverlappedPasses
from stylize.system.machine import cores_shared, usable_cores

LOOKS_UP_S = 0.5
STOPPED = "run the same command again: it goes on from here"


def make_at_once(job: RenderJob, listener: Listener, overwrite: bool, stop: Callable[[], bool]) -> None:
    """Makes every frame of the job that is missing, and its films of them.

    Passes work side by side, a few frames behind each other, segment after segment. Where a segment has a scene
    they take turns: OpenGL, with which backdrops are seen, belongs to one thread.

    Args:
        listener: is called in this thread.
        stop: asked after every event; once it answers True all threads end.

    Raises:
        Interrupted: `stop` said so.
        StylizeError: what went wrong first; every frame that was finished is kept.
    """
    run, clock = _Run(job, overwrite), RunClock(job)
    run.start()
    try:
        while (event := _next(run.events)) is not None:
            clock.take(event)
            listener(event)
            if stop():
                raise Interrupted("Stopped.", hint=STOPPED)
    except KeyboardInterrupt as error:
        run.work.fail(error)  # asked twice: the frames in flight are dropped
        raise
    except BaseException as error:
        run.work.fail(error)
        run.join()
        raise
    run.join()
    if run.work.failure is not None:
        raise run.work.failure
    clock.keep()


def _next(events: queue.SimpleQueue[Event | None]) -> Event | None:
    """Waits for an event; now and then it looks up, for on some systems no signal comes through a wait."""
    while True:
        try:
            return events.get(timeout=LOOKS_UP_S)
        except queue.Empty:
            continue


@dataclass
class _Run:
    """The threads of a run, and the events that they send; None is the last one."""

    job: RenderJob
    overwrite: bool
    work: Work = field(default_factory=Work)
    events: queue.SimpleQueue[Event | None] = field(default_factory=queue.SimpleQueue)
    threads: list[threading.Thread] = field(default_factory=list)
    overlapped: list[OverlappedPasses] = field(default_factory=list)
    busy_s: dict[str, float] = field(default_factory=dict)
    """By pass: how long it worked, without its waiting for other passes."""

    def start(self) -> None:
        """Tells of every pass, and starts the films' threads and the one that goes through the segments."""
        for name in self.job.pass_names:
            progress = self.job.progress(name)
            self.busy_s[name] = 0.0
            self.events.put(PassStarted(name, progress.frames, progress.done))
        self.overlapped = [
            OverlappedPasses(
                self.work,
                segment,
                segment.passes,
                [(film.shows, picture_shown(segment, film)) for film in self.job.films],
            )
            for segment in self.job.segments
        ]
        films = [self._thread(film.shows, partial(self._write, film)) for film in self.job.films]
        self.threads = [*films, self._thread("passes", lambda: self._make_segments(films))]
        for thread in self.threads:
            thread.start()

    def join(self) -> None:
        for thread in self.threads:
            thread.join()

    def _make_segments(self, films: list[threading.Thread]) -> None:
        """The last event is sent when the films are written, too."""

        def make() -> None:
            for segment, overlapped in zip(self.job.segments, self.overlapped, strict=True):
                for step in segment.passes:
                    for store in segment.stores(step):
                        store.sweep()
                self._make_segment(segment, overlapped)
                self.work.check()
                overlapped.let_go()  # the films may be behind, and other segments are to come

        self._guarded(make)
        for film in films:
            film.join()
        self.events.put(None)

    def _make_segment(self, segment: Segment, overlapped: OverlappedPasses) -> None:
        if segment.scene is not None:
            for step in segment.passes:
                self._make(step, segment, overlapped, paced=False)
                step.close()  # a model's gigabytes are not held while the next passes work
            return
        threads = [
            self._thread(step.name, partial(self._make, step, segment, overlapped)) for step in segment.passes
        ]
        with cores_shared(len(threads)), own_threads(usable_cores()):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        for step in segment.passes:  # not one by one, for some share a model
            step.close()

    def _make(self, step: Pass, segment: Segment, overlapped: OverlappedPasses, paced: bool = True) -> None:
        began, waited = time.perf_counter(), self.work.waited_s
        overlapped.make(step, lambda number: self.events.put(FrameDone(step.name, number)), paced)
        self.busy_s[step.name] += time.perf_counter() - began - (self.work.waited_s - waited)
        if segment is self.job.steps(step.name)[-1][0]:
            self.events.put(PassFinished(step.name, self.busy_s[step.name]))

    def _write(self, film: FilmOutput) -> None:
        overlapped_of = dict(zip(map(id, self.job.segments), self.overlapped, strict=True))

        def inputs_of(segment: Segment) -> Inputs:
            return overlapped_of[id(segment)].inputs(film.shows)

        def tell(event: Event) -> None:
            """What waiting for frames took is no time of the coding."""
            if isinstance(event, PassFinished):
                event = replace(event, seconds=event.seconds - self.work.waited_s)
            self.events.put(event)

        try:
            encode(self.job, film, tell, self.overwrite, lambda: False, inputs_of)
        finally:
            for segment, overlapped in zip(self.job.segments, self.overlapped, strict=True):
                overlapped.release(film.shows, [picture_shown(segment, film)])

    def _thread(self, name: str, do: Callable[[], None]) -> threading.Thread:
        return threading.Thread(target=self._guarded, args=(do,), name=f"stylize {name}", daemon=True)

    def _guarded(self, do: Callable[[], None]) -> None:
        """Does it; a failure ends all threads."""
        try:
            do()
        except Abandoned:
            pass
        except BaseException as error:
            self.work.fail(error)
