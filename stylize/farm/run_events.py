"""What a listener is told of a run: passes that begin and end, frames, and what goes wrong.

A pass is one to the listener, though its frames are in one queue for each segment of the job.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from stylize.events import FrameDone, Listener, Note, PassFinished, PassStarted
from stylize.farm.chunks import FrameKey, PassQueue
from stylize.farm.pass_queues import RunQueues
from stylize.farm.scheduler import Scheduler
from stylize.jobs.job import RenderJob


@dataclass
class RunEvents:
    """Tells `listener` of a run. Where there are several jobs, a pass's name bears its job's before it."""

    jobs: Sequence[RenderJob]
    run_queues: RunQueues
    scheduler: Scheduler
    listener: Listener
    _began: dict[tuple[int, str], float] = field(default_factory=dict)
    """Of every pass that has begun, when."""
    _finished: set[tuple[int, str]] = field(default_factory=set)

    def complete_passes(self) -> None:
        """Tells of the passes that have nothing left to do when the run begins."""
        for number in range(len(self.run_queues.queues)):
            if self.scheduler.is_complete(number):
                self.begun(number)
                self.check_finished(number)

    def begun(self, number: int) -> None:
        """Work on queue `number` begins; the listener hears of the first queue of each pass."""
        queue = self._queue(number)
        key = (queue.job, queue.name)
        if key not in self._began:
            self._began[key] = time.monotonic()
            numbers = self._queues_of(key)
            total = sum(self._queue(each).frame_count for each in numbers)
            done = sum(len(self.scheduler.done(each)) for each in numbers)
            self.listener(PassStarted(self._pass_title(queue), total, done))

    def frames_done(self, number: int, frames: Sequence[int]) -> None:
        """Frames of queue `number` are made that were not before."""
        for frame in frames:
            self.listener(FrameDone(self._pass_title(self._queue(number)), frame))
        self.check_finished(number)

    def check_finished(self, number: int) -> None:
        """Tells of the end of a pass when all its queues are complete."""
        queue = self._queue(number)
        key = (queue.job, queue.name)
        if key not in self._finished and all(map(self.scheduler.is_complete, self._queues_of(key))):
            self._finished.add(key)
            self.listener(PassFinished(self._pass_title(queue), time.monotonic() - self._began[key]))

    def quarantined(self, key: FrameKey, error: str) -> None:
        """A frame, or a film, is left out."""
        number, frame = key
        queue = self._queue(number)
        if self.run_queues.passes[number] is None:
            what = f"The film {self.jobs[queue.job].film.path.name}"
        else:
            first = self.jobs[queue.job].clip.first_number or 0
            what = f"Frame {frame + first} of {self._pass_title(queue)}"
        self.note(f"{what} cannot be made and is left out: {error}")

    def note(self, text: str) -> None:
        self.listener(Note(text))

    def _queue(self, number: int) -> PassQueue:
        return self.run_queues.queues[number]

    def _queues_of(self, key: tuple[int, str]) -> list[int]:
        """The queues of one pass in all segments of a job."""
        return [number for number, each in enumerate(self.run_queues.queues) if (each.job, each.name) == key]

    def _pass_title(self, queue: PassQueue) -> str:
        return queue.name if len(self.jobs) == 1 else f"{self.jobs[queue.job].film.path.name} {queue.name}"
