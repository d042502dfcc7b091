"""How long each pass of a run took, learnt from its events."""

from __future__ import annotations

from dataclasses import dataclass

from stylize.events import Event, FrameDone, Listener, PassFinished, PassStarted, silent


@dataclass
class PassTime:
    """One pass: frames made in this run, frames that lay in the store before, and seconds (None: not finished)."""

    name: str
    made: int = 0
    found: int = 0
    seconds: float | None = None


class PassTimes:
    """A listener that keeps the times of passes, and tells another listener of every event."""

    def __init__(self, listener: Listener = silent) -> None:
        self.passes: dict[str, PassTime] = {}
        self._listener = listener

    def __call__(self, event: Event) -> None:
        if isinstance(event, PassStarted):
            self.passes[event.name] = PassTime(event.name, found=event.done)
        elif isinstance(event, FrameDone) and event.name in self.passes:
            self.passes[event.name].made += 1
        elif isinstance(event, PassFinished) and event.name in self.passes:
            self.passes[event.name].seconds = event.seconds
        self._listener(event)
