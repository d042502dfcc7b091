"""The program: its commands, and what becomes of every error."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

import stylize
from stylize.cli import edge, farm, styles, train
from stylize.cli.camera import camera
from stylize.cli.comp import comp
from stylize.cli.doctor import doctor
from stylize.cli.key import key
from stylize.cli.run import run
from stylize.cli.shots import shots
from stylize.cli.steady import steady
from stylize.cli.terminal import Terminal
from stylize.cli.worker import worker
from stylize.errors import Interrupted, StylizeError, UsageError

_log = logging.getLogger(__name__)

app = typer.Typer(
    name="stylize",
    help="Live-action footage in, anime film out: shot by shot, on this machine.",
    epilog="Begin with: stylize run clip.mp4",
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run)
app.command("steady")(steady)
app.command("camera")(camera)
app.command("comp")(comp)
app.command("shots")(shots)
app.command("key")(key)
app.add_typer(styles.app, name="styles")
app.add_typer(train.app, name="train")
app.command("worker")(worker)
app.add_typer(farm.app, name="farm")
app.add_typer(edge.app, name="edge")
app.command("doctor")(doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"stylize {stylize.__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="print the version")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: list[str] | None = None) -> int:
    """Run a command line (by default the process's own) and return its exit code.

    0: done. 1: failed. 2: the command cannot be meant. 130: stopped by the user.
    """
    words = sys.argv[1:] if arguments is None else arguments
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    with Terminal(as_json="--json" in words, debug="--debug" in words) as terminal, _ended_by_sigterm():
        return _invoke(words, terminal)


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
    except SystemExit as ended:  # nobody reads stdout any more: Typer and rich have seen to it already
        return ended.code if isinstance(ended.code, int) else 1
    except Exception as error:
        return _report(_unforeseen(error), terminal)


def _report(error: StylizeError, terminal: Terminal) -> int:
    """Says what went wrong; where in the program, only to those who asked and to the log file."""
    _log.debug("the command ended early", exc_info=True)
    if terminal.debug and not isinstance(error, Interrupted):
        terminal.say(traceback.format_exc().rstrip())
    terminal.report(error)
    return error.exit_code


def _unforeseen(error: Exception) -> StylizeError:
    """An error that no part of the program turned into a sentence."""
    kind, first_line = type(error).__name__, (str(error).splitlines() or [""])[0]
    if isinstance(error, MemoryError) or kind == "OutOfMemoryError" or "can't allocate memory" in str(error):
        return StylizeError(
            "There is not enough memory.",
            hint="draw fewer or smaller pictures at once: --batch 1, --size 512",
        )
    return StylizeError(
        f"stylize itself failed: {kind}: {first_line.rstrip('.')}.",
        hint="run the same command with --debug to see where, and report it",
    )


def _usage(error: TyperException) -> UsageError:
    """Typer's complaint about the words of a command, in our form."""
    context: Any = getattr(error, "ctx", None)
    command = context.command_path if context else "stylize"
    what = " ".join(error.format_message().split())
    return UsageError(what if what.endswith((".", ")")) else f"{what}.", hint=f"see: {command} --help")


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
