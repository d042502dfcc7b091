"""Calls somebody back to a command that has ended: the terminal's bell, and the desktop's notification."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Sequence

PATIENCE_S = 5


def ring(words: Sequence[str], code: int) -> None:
    """Rings the terminal's bell, and shows a notification where the desktop has a program for it.

    Args:
        words: of the command.
        code: with which it ended.
    """
    if sys.stderr.isatty():
        sys.stderr.write("\a")
        sys.stderr.flush()
    notification = _notification(f"stylize {words[0]}" if words else "stylize", _outcome(code))
    if notification is not None:
        with contextlib.suppress(OSError, subprocess.SubprocessError):  # the command itself is done by now
            subprocess.run(notification, check=False, timeout=PATIENCE_S, capture_output=True)


def _outcome(code: int) -> str:
    return {0: "Done.", 130: "Stopped."}.get(code, "Failed: the terminal says why.")


def _notification(title: str, text: str) -> list[str] | None:
    """The command that shows a notification on this desktop; None where there is none."""
    if program := shutil.which("notify-send"):
        return [program, "--app-name=stylize", title, text]
    if program := shutil.which("osascript"):
        script = "on run words\ndisplay notification (item 2 of words) with title (item 1 of words)\nend run"
        return [program, "-e", script, title, text]
    return None
