"""Running a command line: what it returns, and how its errors are reported."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.exceptions import TyperException

from stylize.cli.app import app
from stylize.cli.bell import ring
from stylize.cli.terminal import Terminal
from stylize.cli.unforeseen import unforeseen
from stylize.errors import Interrupted, StylizeError, UsageError

_log = logging.getLogger(__name__)


def main(arguments: list[str] | None = None) -> int:
    """Run a command line (by default the process's own) and return its exit code.

    0: done. 1: failed. 2: a usage error. 130: stopped by the user.
    """
    words = sys.argv[1:] if arguments is None else arguments
    _open_what_is_closed()
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    terminal = Terminal(as_json="--json" in words, debug="--debug" in words, words=words)
    with _deaf_in_the_end(arguments is not None), _ended_by_sigterm(), terminal:
        code = _invoke(words, terminal)
        if terminal.bell:
            ring(words, code)
        return code


def _open_what_is_closed() -> None:
    """Leads streams nowhere that the caller has closed: the next file that is opened would take their place, and be
    written to by whoever prints. Processes that are started inherit them."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115


def _invoke(words: list[str], terminal: Terminal) -> int:
    try:
        code = app(words, prog_name="stylize", standalone_mode=False, obj=terminal)
        if code == Interrupted.exit_code:
            raise Interrupted("Stopped.")
        return int(code or 0)
    except TyperException as error:
        return _report(_usage(error), terminal)
    except StylizeError as error:
        return _report(error, terminal)
    except (typer.Abort, KeyboardInterrupt):
        return _report(Interrupted("Stopped."), terminal)
    except SystemExit as ended:  # stdout is closed: Typer and rich have dealt with it
        return ended.code if isinstance(ended.code, int) else 1
    except Exception as error:
        return _report(unforeseen(error), terminal)


def _report(error: StylizeError, terminal: Terminal) -> int:
    """Writes what went wrong; with --debug also a traceback, which the log file has in any case."""
    _hear_no_more()
    _log.debug("the command ended early", exc_info=True)
    if terminal.debug and not isinstance(error, Interrupted):
        terminal.say(traceback.format_exc().rstrip())
    terminal.report(error)
    return error.exit_code


def _usage(error: TyperException) -> UsageError:
    """Typer's complaint about the words of a command, in our form."""
    context: Any = getattr(error, "ctx", None)
    command = context.command_path if context else "stylize"
    what = " ".join(error.format_message().split())
    return UsageError(what if what.endswith((".", ")")) else f"{what}.", hint=f"see: {command} --help")


@contextmanager
def _deaf_in_the_end(restore: bool) -> Iterator[None]:
    """A second Ctrl-C while a command says why it ended is not heard: it would end in a traceback.

    Args:
        restore: the process goes on after the command, and must hear the next one.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if restore:
            signal.signal(signal.SIGINT, before)


def _hear_no_more() -> None:
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """SIGTERM ends a command as Ctrl-C does, so that nothing half-written stays behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
