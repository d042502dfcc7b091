"""One command in the studio's queue, and how far it has come."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from stylize.events import Event, FrameDone, PassFinished, PassStarted
from stylize.report.tally import Tally

State = Literal["waiting", "running", "paused", "stopping", "done", "failed", "cancelled"]
Lane = Literal["render", "look"]
ACTIVE = ("waiting", "running", "paused", "stopping")


@dataclass
class Task:
    """A command that was asked for.

    Attributes:
        id: counts up.
        project: whose folder the command runs in.
        title: what it makes, in words.
        words: of the command, after the program's name.
        lane: films wait for each other, and so do quick looks; the two lanes do not.
        makes: the file that it makes, in the project's folder.
        shows: what the task is about: a clip's name, or a set of drawings.
        then: what to do with a task that was asked to stop: `paused` or `cancelled`.
    """

    id: int
    project: str
    title: str
    words: list[str]
    lane: Lane
    makes: str
    shows: str = ""
    state: State = "waiting"
    said: str = ""
    hint: str = ""
    seconds: float = 0.0
    pid: int | None = None
    then: State = "cancelled"
    tally: Tally = field(default_factory=Tally, compare=False, repr=False)

    @property
    def command(self) -> str:
        return shlex.join(["stylize", *self.words])

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def was_asked_to_stop(self) -> bool:
        return self.state == "stopping"

    def record(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name != "tally"}

    @classmethod
    def of(cls, record: dict[str, Any]) -> Task:
        return cls(**record)

    def take(self, event: dict[str, Any]) -> None:
        """Counts an event of the command, as `stylize ... --json` writes it."""
        kind = event.get("event")
        if kind == "plan":
            self.tally = Tally((each["name"], each["frames"], each["done"]) for each in event["passes"])
        elif kind == "error":
            self.said, self.hint = str(event.get("what") or ""), str(event.get("hint") or "")
        elif kind == "note":
            self.said = str(event.get("text") or "")
        counted = _event_of(event)
        if counted is not None:
            self.tally.take(counted)


def _event_of(event: dict[str, Any]) -> Event | None:
    kinds: dict[str, type[PassStarted] | type[FrameDone] | type[PassFinished]] = {
        "pass_started": PassStarted,
        "frame_done": FrameDone,
        "pass_finished": PassFinished,
    }
    kind = kinds.get(str(event.get("event")))
    if kind is None:
        return None
    return kind(**{each.name: event[each.name] for each in fields(kind)})
