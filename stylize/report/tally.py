"""Progress counted from a run's events: frames done, frames a second, time left."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from stylize.events import Event, FrameDone, PassFinished, PassStarted

WINDOW = 32
"""How many of the last frames a speed is measured over."""


@dataclass
class PassTally:
    """One pass: `done` of its `total` frames lie in the store, `fresh` of them since this run began."""

    name: str
    total: int
    done: int = 0
    fresh: int = 0
    started_at: float | None = None
    seconds: float | None = None
    """How long it took, once it is complete."""
    stamps: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW + 1))

    @property
    def is_finished(self) -> bool:
        return self.seconds is not None

    @property
    def rate(self) -> float | None:
        """Frames a second: over the whole pass once it is complete, else between the last frames.

        The wait for the first frame is left out meanwhile: weights are loaded in it.
        """
        if self.seconds is not None:
            return self.fresh / self.seconds if self.seconds > 0 and self.fresh else None
        if len(self.stamps) < 2 or self.stamps[-1] <= self.stamps[0]:
            return None
        return (len(self.stamps) - 1) / (self.stamps[-1] - self.stamps[0])

    @property
    def seconds_left(self) -> float | None:
        """None until two frames have been timed."""
        if self.is_finished or (self.done >= self.total and self.started_at is not None):
            return 0.0
        return (self.total - self.done) / self.rate if self.rate else None


class Tally:
    """Every pass of a run, kept up to date by its events.

    Args:
        passes: name, total and frames done of the passes that are planned, in order.
        clock: seconds, ascending.
    """

    def __init__(
        self, passes: Iterable[tuple[str, int, int]] = (), clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.passes = {name: PassTally(name, total, done) for name, total, done in passes}
        self.clock = clock
        self.began = clock()

    def take(self, event: Event) -> PassTally | None:
        """Counts an event; returns the pass it concerns, if any."""
        if isinstance(event, PassStarted):
            tally = PassTally(event.name, event.total, event.done, started_at=self.clock())
            self.passes[event.name] = tally
            return tally
        if isinstance(event, FrameDone):
            tally = self.passes[event.name]
            tally.done += 1
            tally.fresh += 1
            tally.stamps.append(self.clock())
            return tally
        if isinstance(event, PassFinished):
            tally = self.passes[event.name]
            tally.seconds = event.seconds
            return tally
        return None

    @property
    def done(self) -> int:
        return sum(each.done for each in self.passes.values())

    @property
    def total(self) -> int:
        return sum(each.total for each in self.passes.values())

    @property
    def elapsed(self) -> float:
        return self.clock() - self.began

    @property
    def seconds_left(self) -> tuple[float, bool] | None:
        """The time left until the slowest of the passes whose speed is known is through, as they work side by side;
        and whether that is all of them."""
        left = [each.seconds_left for each in self.passes.values()]
        known = [seconds for seconds in left if seconds is not None]
        if not any(known):
            return None
        return max(known), len(known) == len(left)
