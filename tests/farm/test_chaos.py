"""Whatever dies at whatever moment, the film is the same: the short form of `tests.farm.chaos`."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.farm.conftest import ROOT


def test_the_short_chaos() -> None:
    """One round of each kind; the long form is `python -m tests.farm.chaos --rounds 100`."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.farm.chaos", "--rounds", "5", "--minutes", "4"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**{k: v for k, v in os.environ.items() if not k.startswith("RAY_")}},
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "5 rounds, every film the same" in done.stdout
