"""What the commands of `stylize train` share: the packages they need, and their progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stylize.cli.terminal import Terminal
from stylize.errors import MissingPart
from stylize.system.dependencies import install_hint


@contextmanager
def training_packages() -> Iterator[None]:
    """Raises MissingPart: a package of the extra `train` is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingPart(
            f"Training needs a package that is not here: {error.name}.", hint=install_hint("train")
        ) from error


@contextmanager
def progress_bar(terminal: Terminal, title: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr, removed when the work is done.

    Args:
        total: how much is to be done; None where it is not known.

    Yields:
        What sets the bar to how much is done.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    hidden = terminal.quiet or terminal.as_json or not terminal.progress
    with Progress(*columns, console=terminal.err, transient=True, disable=hidden) as bars:
        bar = bars.add_task(title, total=total)
        yield lambda done: bars.update(bar, completed=done)
