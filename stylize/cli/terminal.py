"""What a command writes: results to stdout; progress, logs and errors to stderr."""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from stylize.errors import Interrupted, OutputError, StylizeError
from stylize.system.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment

_PIPED_WIDTH = 200
"""How wide tables may be where no terminal sets a limit."""


class Terminal:
    """The two streams of one command, and how much it writes to them.

    Use it as a context: leaving it puts logging and warnings back as they were.

    Args:
        as_json: stdout carries one JSON object a line, for a machine.
        debug: errors come with a traceback.
        words: the words of the command line.
    """

    def __init__(self, as_json: bool = False, debug: bool = False, words: Sequence[str] = ()) -> None:
        self.as_json = as_json
        self.debug = debug
        self.words = tuple(words)
        self.quiet = False
        self.bell = False
        """Whether the end of the command is to be heard and seen."""
        self.progress = True
        """Whether progress is shown."""
        self.live: Console | None = None
        """The console of the progress bars while they are up: lines printed there appear above them."""
        self._undo = ExitStack()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo.close()

    @cached_property
    def out(self) -> Console:
        return _console(sys.stdout)

    @cached_property
    def err(self) -> Console:
        return _console(sys.stderr)

    def configure(
        self, *, quiet: bool = False, verbose: int = 0, progress: bool = True, log_file: Path | None = None
    ) -> None:
        """Sets how much is written: to stderr warnings, with -v the steps, with -vv everything.

        Raises:
            OutputError: the log file cannot be written.
        """
        self.quiet = quiet
        self.progress = progress
        levels = (logging.WARNING, logging.INFO, logging.DEBUG)
        self._log_to(_LogLines(self), logging.ERROR if quiet else levels[min(verbose, 2)], "%(message)s")
        if log_file is not None:
            self._log_to(
                _open_log(log_file), logging.DEBUG, "%(asctime)s %(levelname)s %(name)s: %(message)s"
            )
        self._undo.enter_context(warnings.catch_warnings())
        if verbose or log_file is not None:
            logging.captureWarnings(True)
            self._undo.callback(logging.captureWarnings, False)
        else:
            warnings.simplefilter("ignore")

    def _log_to(self, handler: logging.Handler, level: int, form: str) -> None:
        handler.setLevel(level)
        handler.setFormatter(_PrintableFormatter(form))
        root, ours = logging.getLogger(), logging.getLogger("stylize")
        self._undo.callback(handler.close)
        self._undo.callback(root.removeHandler, handler)
        self._undo.callback(ours.setLevel, ours.level)
        root.addHandler(handler)
        ours.setLevel(min(level, ours.level or level))

    def say(self, text: str) -> None:
        """A line for the person, on stderr."""
        (self.live or self.err).print(text, markup=False, highlight=False, soft_wrap=True)

    def note(self, text: str) -> None:
        """A remark for a person, on stderr: none with -q, none beside JSON."""
        if not self.quiet and not self.as_json:
            self.say(text)

    def answer(self, record: dict[str, Any], text: str) -> None:
        """What a command came to, on stdout: the record as JSON with --json, else the text, with -q nothing."""
        if self.as_json:
            self.emit(record)
        elif not self.quiet:
            self.result(text)

    def result(self, text: str) -> None:
        """A line of the result, on stdout."""
        self.out.print(text, markup=False, highlight=False, soft_wrap=True)

    def table(self, table: RenderableType) -> None:
        """A table of the result, on stdout."""
        self.out.print(table, highlight=False)

    def emit(self, record: Any) -> None:
        """A JSON object on a line of stdout."""
        line = json.dumps(record, ensure_ascii=False)
        sys.stdout.write((line if line.isprintable() else json.dumps(record)) + "\n")
        sys.stdout.flush()

    def report(self, error: StylizeError) -> None:
        """Writes what went wrong, where, and what to do about it."""
        if self.as_json:
            self._emit_error(error)
        what = printable(error.what, lines=False)
        self.say(what if isinstance(error, Interrupted) else f"error: {what}")
        if error.where:
            self.say(f"where: {printable(error.where, lines=False)}")
        if error.hint:
            self.say(f"\nhint: {error.hint}")

    def _emit_error(self, error: StylizeError) -> None:
        record = {
            "event": "error",
            "kind": type(error).__name__,
            "what": error.what,
            "where": error.where,
            "hint": error.hint,
            "exit_code": error.exit_code,
        }
        try:
            self.emit(record)
        except BrokenPipeError:  # the machine has gone; Python would try to flush again at its exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _LogLines(logging.Handler):
    """Log records as lines of the terminal, above the progress bars."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__()
        self._terminal = terminal

    def emit(self, record: logging.LogRecord) -> None:
        level = "" if record.levelno < logging.WARNING else f"{record.levelname.lower()}: "
        self._terminal.say(level + self.format(record))


def _open_log(path: Path) -> logging.Handler:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return logging.FileHandler(path, encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"The log file cannot be written: {error.strerror}.", where=path, hint="choose another --log-file"
        ) from error


class _PrintableFormatter(logging.Formatter):
    """Formats records without what a terminal would obey: they quote names of files."""

    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))


def _console(stream: Any) -> Console:
    """A console that shows text of files, names and titles without what a terminal would obey."""
    from rich.console import Console
    from rich.segment import Segment

    class PrintableConsole(Console):
        """All text that is printed, also in the cells of tables, comes by here; colours are control segments."""

        def render(
            self, renderable: RenderableType, options: ConsoleOptions | None = None
        ) -> Iterable[Segment]:
            for piece in super().render(renderable, options):
                yield piece if piece.control else Segment(printable(piece.text), piece.style)

    width = None if stream.isatty() else _PIPED_WIDTH
    return PrintableConsole(file=stream, width=width, markup=False, emoji=False)
