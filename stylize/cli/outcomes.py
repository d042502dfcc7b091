"""What became of the jobs of a list: told one by one, as a table, and as the exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stylize.cli.terminal import Terminal
from stylize.cli.units import spell_seconds
from stylize.errors import Interrupted, StylizeError


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

    @property
    def record(self) -> dict[str, object]:
        """As a line of --json."""
        error = str(self.error) if self.error else None
        return {"event": "job", "name": self.name, "state": self.state, "film": self.film, "error": error}


def close(outcomes: Sequence[Outcome], terminal: Terminal) -> None:
    """Prints what became of every job, and ends with an error where one is not done.

    Raises:
        Interrupted: the user stopped. StylizeError: jobs failed, or were not begun.
    """
    if not terminal.as_json and not (terminal.quiet and all(each.error is None for each in outcomes)):
        _show(outcomes, terminal)
    stopped = next((each.error for each in outcomes if isinstance(each.error, Interrupted)), None)
    if stopped is not None:
        raise stopped
    failed = [each for each in outcomes if each.state == "failed"]
    left = [each for each in outcomes if each.state == "not begun"]
    if failed:
        begun = f", and {len(left)} not begun" if left else ""
        raise StylizeError(
            f"{len(failed)} of {len(outcomes)} jobs failed{begun}.",
            hint="correct what is named above and give the same command: what is done stays done"
            + ("" if not left else "; --keep-going does not stop at the first failure"),
        )


def _show(outcomes: Sequence[Outcome], terminal: Terminal) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("job", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("", overflow="fold")
    for each in outcomes:
        table.add_row(each.name, each.state, each.words)
    terminal.table(table)
