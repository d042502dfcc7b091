"""The main job, `stylize run`, as a program of its own that tells what it does."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.measure.memory import Command

PASSES = ("style", "steady", "finish", "encode")
PROGRAM = "import sys; from stylize.cli import main; sys.exit(main(sys.argv[1:]))"


@dataclass
class Job:
    """What one run took: its plan as told, each pass's seconds, and bytes of memory at the most.

    `cpu_s` is processor time, ffmpeg's included; `water` is the high-water mark at each pass's end, empty where
    the system does not say.
    """

    plan: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    total_s: float = 0.0
    water: dict[str, int] = field(default_factory=dict)
    peak: int = 0
    cpu_s: float = 0.0


def run_job(clip: Path, out: Path, options: Sequence[str] = (), root: Path | None = None) -> Job:
    """Runs `stylize run CLIP -o OUT OPTIONS` from the first frame on.

    Args:
        root: a folder with another version's code, which is run then.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    words = ["run", str(clip), "-o", str(out), "-y", "--no-resume", "--json", *options]
    program = PROGRAM if root is None else f"import sys; sys.path.insert(0, {str(root)!r}); {PROGRAM}"
    command = Command([sys.executable, "-c", program, *words])
    job = Job()
    for line, water in command.lines():
        event = json.loads(line)
        match event["event"]:
            case "plan":
                job.plan = event
            case "pass_finished":
                job.seconds[event["name"]] = event["seconds"]
                if water is not None:
                    job.water[event["name"]] = water
            case "film":
                job.total_s = event["seconds"]
    job.peak, job.cpu_s = command.peak, command.cpu_s
    return job
