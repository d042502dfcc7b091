"""The short form of the chaos: `scripts/chaos` plays hundreds of rounds, with every command and fault."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="it forks its commands")
def test_the_short_chaos() -> None:
    """Commands that are killed and stopped at random moments end in the same films, and leave nothing else."""
    words = ["--rounds", "6", "--minutes", "2", "--commands", "steady,comp,shots"]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.hostile.chaos", *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "6 rounds" in done.stdout
