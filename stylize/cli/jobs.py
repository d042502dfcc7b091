"""`stylize run --jobs`: a list of jobs, one after the other, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stylize.cli.flags import given_flags
from stylize.cli.run import RunOptions, draw
from stylize.cli.tally import spell_seconds
from stylize.cli.terminal import Terminal
from stylize.errors import Interrupted, StylizeError

if TYPE_CHECKING:
    from stylize.jobs.batch import JobEntry


@dataclass(frozen=True)
class Outcome:
    """What became of a job: `done`, `there` (it was done before), `failed` or `not begun`."""

    name: str
    state: str
    film: str = ""
    frames: int = 0
    seconds: float = 0.0
    error: StylizeError | None = None

    @property
    def words(self) -> str:
        if self.error is not None:
            return str(self.error)
        frames = f", {self.frames} frames" if self.frames else ""
        return self.film + frames + (f" in {spell_seconds(self.seconds)}" if self.seconds else "")


def run_jobs(context: typer.Context, file: Path, work_dir: str | None, how: RunOptions) -> None:
    """Runs the jobs of a list in order.

    A job whose very film is there already is passed over; others go on where they were. Without `keep_going` the
    first that fails is the last.
    """
    from stylize.jobs.batch import read_jobs

    terminal = context.ensure_object(Terminal)
    entries = read_jobs(file, given_flags(context.params), work_dir)
    outcomes: list[Outcome] = []
    for number, entry in enumerate(entries, start=1):
        if not terminal.as_json and not terminal.quiet:
            terminal.say(f"job {number} of {len(entries)}: {entry.name}")
        outcome = _attempt(entry, how, terminal)
        outcomes.append(outcome)
        if terminal.as_json:
            terminal.emit(
                {"event": "job", "name": entry.name, "state": outcome.state, "film": outcome.film,
                 "error": str(outcome.error) if outcome.error else None}
            )  # fmt: skip
        elif outcome.error is not None:
            terminal.report(outcome.error)
        stopped = isinstance(outcome.error, Interrupted)
        if outcome.error is not None and (stopped or not how.keep_going):
            break
    outcomes += [Outcome(entry.name, "not begun", str(entry.out)) for entry in entries[len(outcomes) :]]
    close(outcomes, terminal)


def _attempt(entry: JobEntry, how: RunOptions, terminal: Terminal) -> Outcome:
    from stylize.cli.run import renderer_for_job
    from stylize.jobs.receipt import film_is_there, is_ours

    try:
        job = entry.plan()
        if how.resume and film_is_there(job):
            return Outcome(entry.name, "there", str(entry.out))
        own = replace(how, overwrite=how.overwrite or is_ours(job), remember=True)
        film = draw(
            job, renderer_for_job(job, entry.name, terminal, progress=how.progress), own, quiet=terminal.quiet
        )
        return Outcome(entry.name, "done", str(film.path), film.frames, film.seconds)
    except StylizeError as error:
        return Outcome(entry.name, "failed", str(entry.out), error=error)


def close(outcomes: Sequence[Outcome], terminal: Terminal) -> None:
    """Prints what became of every job, and ends with an error where one is not done.

    Raises:
        Interrupted: the user stopped. StylizeError: jobs failed, or were not begun.
    """
    if not terminal.as_json and not (terminal.quiet and all(each.error is None for each in outcomes)):
        show(outcomes, terminal)
    stopped = next((each.error for each in outcomes if isinstance(each.error, Interrupted)), None)
    if stopped is not None:
        raise stopped
    failed = [each for each in outcomes if each.state == "failed"]
    left = [each for each in outcomes if each.state == "not begun"]
    if failed:
        begun = f", and {len(left)} not begun" if left else ""
        raise StylizeError(
            f"{len(failed)} of {len(outcomes)} jobs failed{begun}.",
            hint="mend what is named above and give the same command: what is done stays done"
            + ("" if not left else "; --keep-going does not stop at the first failure"),
        )


def show(outcomes: Sequence[Outcome], terminal: Terminal) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("job", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("", overflow="fold")
    for each in outcomes:
        table.add_row(each.name, each.state, each.words)
    terminal.table(table)
