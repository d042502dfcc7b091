"""What a run says while it works. The library emits events; `stylize.cli` turns them into bars or JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class PassStarted:
    """A pass begins: `total` frames are asked of it, `done` of them already lie in the store."""

    name: str
    total: int
    done: int = 0


@dataclass(frozen=True)
class FrameDone:
    """A pass has committed one frame (`index` counts from 0 in the clip)."""

    name: str
    index: int


@dataclass(frozen=True)
class PassFinished:
    """A pass is complete. `seconds`: how long it worked, without waiting for other passes; on a farm, since its
    first task began."""

    name: str
    seconds: float


@dataclass(frozen=True)
class Note:
    """Something the user should know, in a sentence; the run goes on."""

    text: str


Event = PassStarted | FrameDone | PassFinished | Note
Listener = Callable[[Event], None]


def silent(event: Event) -> None:
    """The listener of those who do not listen."""


ReportProgress = Callable[[str, str], None]
"""Called with a stage's name and what is being done in it, by work that counts no frames: `("load", "mini")`."""
