"""A run's events as bars, as plain lines, or as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from stylize.cli.terminal import Terminal
from stylize.cli.units import spell_rate, spell_seconds
from stylize.events import Event, FrameDone, Note, PassFinished, PassStarted
from stylize.report.tally import PassTally, Tally
from stylize.system.printable import printable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

EVERY_S = 10.0
"""How often plain lines report a pass that is under way."""
NAMES = {
    PassStarted: "pass_started",
    FrameDone: "frame_done",
    PassFinished: "pass_finished",
    Note: "note",
}
"""What events are called in JSON."""


class Renderer(Protocol):
    """A listener that is set up and taken down around a run."""

    def __enter__(self) -> Renderer: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def __call__(self, event: Event) -> None: ...


def choose_renderer(terminal: Terminal, title: str, passes: Iterable[tuple[str, int, int]]) -> Renderer:
    """The renderer that fits the terminal: JSON if asked, bars on a TTY, lines elsewhere.

    Args:
        title: of the bar that stands for all passes.
        passes: name, frames and frames done of the passes that are planned, in order.
    """
    if terminal.as_json:
        return JsonLines(terminal)
    tally = Tally(passes)
    if not terminal.progress or terminal.quiet:
        return NotesOnly(terminal)
    return Bars(terminal, title, tally) if terminal.err.is_terminal else PlainLines(terminal, tally)


class _Renderer:
    def __enter__(self) -> Renderer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def __call__(self, event: Event) -> None:
        raise NotImplementedError


class JsonLines(_Renderer):
    """Every event as an object on a line of stdout: `{"event": "frame_done", "name": "style", "index": 3}`."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def __call__(self, event: Event) -> None:
        self._terminal.emit({"event": NAMES[type(event)], **asdict(event)})


class NotesOnly(_Renderer):
    """The notes alone, and with -q not even those."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def __call__(self, event: Event) -> None:
        if isinstance(event, Note):
            self._terminal.note(f"note: {event.text}")


class PlainLines(_Renderer):
    """For a log: a line when a pass begins, one when it ends, and one every ten seconds between."""

    def __init__(self, terminal: Terminal, tally: Tally) -> None:
        self._terminal = terminal
        self._tally = tally
        self._said_at = tally.clock()

    def __call__(self, event: Event) -> None:
        tally = self._tally.take(event)
        if isinstance(event, Note):
            self._terminal.say(f"note: {event.text}")
        elif tally is not None and (
            not isinstance(event, FrameDone) or self._tally.clock() - self._said_at >= EVERY_S
        ):
            self._terminal.say(_line(tally, event) + self._of_all(event))
            self._said_at = self._tally.clock()

    def _of_all(self, event: Event) -> str:
        """How far the whole has come, where it has several passes: `; 12 % of all, at least 8:10 left`."""
        if not isinstance(event, FrameDone) or len(self._tally.passes) < 2 or not self._tally.total:
            return ""
        return f"; {100 * self._tally.done // self._tally.total} % of all, {time_left(self._tally)}".rstrip(
            ", "
        )


def time_left(tally: Tally) -> str:
    """`at least 8:10 left`: what is known of the time that all passes take still."""
    if tally.seconds_left is None:
        return ""
    seconds, of_all = tally.seconds_left
    return f"{'' if of_all else 'at least '}{spell_seconds(seconds)} left"


def _line(tally: PassTally, event: Event) -> str:
    if isinstance(event, PassStarted):
        ready = f", {tally.done} done already" if tally.done else ""
        return f"{tally.name}: {tally.total or 'counting'}{' frames' * bool(tally.total)}{ready}"
    if isinstance(event, PassFinished):
        facts = [f"done in {spell_seconds(event.seconds)}", spell_rate(tally.rate)]
    else:
        left = tally.seconds_left
        facts = [spell_rate(tally.rate), f"{spell_seconds(left)} left" if left else ""]
    return f"{tally.name}: {tally.done}/{tally.total} " + ", ".join(fact for fact in facts if fact)


class Bars(_Renderer):
    """For a terminal: a bar for the clip, and under it a line for every pass that has begun."""

    def __init__(self, terminal: Terminal, title: str, tally: Tally) -> None:
        self._terminal = terminal
        self._tally = tally
        self._progress = _bars(terminal)
        self._clip = self._progress.add_task(
            printable(title, lines=False), total=tally.total or None, facts=""
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Renderer:
        self._terminal.live = self._progress.console
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
        self._terminal.live = None

    def __call__(self, event: Event) -> None:
        if isinstance(event, Note):
            self._terminal.say(f"note: {event.text}")
            return
        tally = self._tally.take(event)
        if tally is None:
            return
        if len(self._tally.passes) == 1:  # one line says it all
            self._show(self._clip, tally.done, tally.total, _pass_facts(tally))
            return
        if tally.name not in self._tasks:
            self._tasks[tally.name] = self._progress.add_task(f"  {tally.name}", total=tally.total, facts="")
        self._show(self._tasks[tally.name], tally.done, tally.total, _pass_facts(tally))
        self._show(self._clip, self._tally.done, self._tally.total, _clip_facts(self._tally))

    def _show(self, task: TaskID, done: int, total: int, facts: str) -> None:
        self._progress.update(task, completed=done, total=total, facts=facts)


def _pass_facts(tally: PassTally) -> str:
    left = tally.seconds_left
    if tally.seconds is not None:
        ending = f"in {spell_seconds(tally.seconds)}"
    else:
        ending = f"{spell_seconds(left)} left" if left else ""
    return "  ".join(fact for fact in (f"{tally.done}/{tally.total}", spell_rate(tally.rate), ending) if fact)


def _clip_facts(tally: Tally) -> str:
    return "  ".join(fact for fact in (spell_seconds(tally.elapsed), time_left(tally)) if fact)


def _bars(terminal: Terminal) -> Progress:
    from rich.progress import BarColumn, Progress, TextColumn
    from rich.table import Column

    columns: list[Any] = [
        TextColumn(
            "{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")
        ),
        BarColumn(bar_width=30),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[facts]}", markup=False, table_column=Column(no_wrap=True)),
    ]
    return Progress(*columns, console=terminal.err, refresh_per_second=5)
