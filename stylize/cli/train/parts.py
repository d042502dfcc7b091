"""What the commands of `stylize train` share: the packages they need, and their progress."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stylize.cli.progress import choose_renderer
from stylize.cli.terminal import Terminal
from stylize.errors import MissingPart
from stylize.events import FrameDone, PassFinished, PassStarted
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
    """The progress of work that is counted: as bars, as plain lines or as JSON, like that of a run.

    Args:
        total: how much is to be done; None where it is not known.

    Yields:
        What is told how much is done, from 1 on.
    """
    renderer, began, told = choose_renderer(terminal, title, [(title, total or 0, 0)]), time.perf_counter(), 0

    def show(done: int) -> None:
        nonlocal told
        if told == 0 and done > 1:  # it goes on where it was stopped
            renderer(PassStarted(title, total or 0, done - 1))
            told = done - 1
        while told < done:
            renderer(FrameDone(title, told))
            told += 1

    with renderer:
        renderer(PassStarted(title, total or 0))
        yield show
        renderer(PassFinished(title, time.perf_counter() - began))
