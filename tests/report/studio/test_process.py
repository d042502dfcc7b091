"""Commands that the studio runs: they can be ended, with all that they have started."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from stylize.report.studio import process
from stylize.report.studio.process import RunningCommand

DEAF = """
import json, signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(json.dumps({"event": "ready"}), flush=True)
time.sleep(60)
"""
"""Hears no Ctrl-C, and has started a program that holds its pipes, as an encoder does."""


def test_a_command_is_ended_with_what_it_has_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "PROGRAM", [sys.executable, "-c", DEAF])
    command = RunningCommand([], tmp_path)
    events = command.events()
    assert next(events) == {"event": "ready"}
    command.stop()
    began = time.monotonic()
    assert list(events) == []
    assert command.wait() != 0
    assert time.monotonic() - began < 30
