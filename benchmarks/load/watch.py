"""A program that tells what it does is watched from outside: memory, open files and speed, as it goes on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.measure.job import PROGRAM
from benchmarks.measure.memory import MIB

EVERY_S = 0.5
PAGE = 4096
COUNTED = {"frame_done": "name", "job": "jobs", "film": "films"}
"""Events that are counted, and what for: a frame for its pass."""


@dataclass
class Watched:
    """What was seen of a run, by the moments at which it was seen, in seconds from its start.

    `samples`: (moment, bytes resident, open files) of the process itself, by Linux's /proc. `done`: the
    moments at which a frame of each pass was kept.
    """

    samples: list[tuple[float, int, int]] = field(default_factory=list)
    done: dict[str, list[float]] = field(default_factory=dict)
    seconds: float = 0.0
    was_stopped: bool = False


def watch(words: Sequence[str], folder: Path, most_s: float | None = None) -> Watched:
    """Runs a `stylize` command in a folder to its end, or for so many seconds: then it is stopped as by Ctrl-C.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, *words, "--json"]
    began, found = time.monotonic(), Watched()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder)
    ended = threading.Event()
    sampler = threading.Thread(target=_sample, args=(process.pid, began, found, ended))
    sampler.start()
    stopper = threading.Timer(most_s, _interrupt, (process, found)) if most_s else None
    if stopper is not None:
        stopper.start()
    assert process.stdout is not None
    for line in process.stdout:
        event = json.loads(line)
        counted = COUNTED.get(event.get("event"))
        if counted:
            found.done.setdefault(event.get(counted, counted), []).append(time.monotonic() - began)
    ended.set()
    sampler.join()
    if stopper is not None:
        stopper.cancel()
    if process.wait() != 0 and not found.was_stopped:
        raise subprocess.CalledProcessError(process.returncode, command)
    found.seconds = time.monotonic() - began
    return found


def _interrupt(process: subprocess.Popen[str], found: Watched) -> None:
    found.was_stopped = True
    process.send_signal(signal.SIGINT)


def _sample(process: int, began: float, found: Watched, ended: threading.Event) -> None:
    while not ended.wait(EVERY_S):
        try:
            resident = int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE
            files = sum(1 for _ in Path(f"/proc/{process}/fd").iterdir())
        except OSError:  # it ends
            return
        found.samples.append((time.monotonic() - began, resident, files))


@dataclass(frozen=True)
class Course:
    """How a pass went: frames a second, memory and open files in its second and in its last quarter, whose first
    loads and fills; `growth` is the slope of memory from its second quarter on, bytes a frame."""

    name: str
    frames: int
    seconds: float
    fps: tuple[float, float]
    resident: tuple[float, float]
    files: tuple[int, int]
    growth: float


def course_of(found: Watched, name: str) -> Course | None:
    """None where there are too few samples of the pass to say anything."""
    moments = np.array(found.done[name])
    seen = np.array([each for each in found.samples if moments[0] <= each[0] <= moments[-1]])
    if len(moments) < 16 or len(seen) < 16:
        return None
    quarter = len(moments) // 4
    borders = moments[[0, quarter, 2 * quarter, 3 * quarter, -1]]
    second, last = (
        seen[(seen[:, 0] >= a) & (seen[:, 0] <= b)]
        for a, b in ((borders[1], borders[2]), (borders[3], borders[4]))
    )
    if not len(second) or not len(last):
        return None
    settled = seen[seen[:, 0] >= borders[1]]
    frames_then = np.searchsorted(moments, settled[:, 0])
    growth = float(np.polyfit(frames_then, settled[:, 1], 1)[0]) if len(set(frames_then)) > 2 else 0.0
    return Course(
        name,
        len(moments),
        float(moments[-1] - moments[0]),
        (
            float(quarter / (borders[2] - borders[1])),
            float((len(moments) - 1 - 3 * quarter) / (borders[4] - borders[3])),
        ),
        (float(np.median(second[:, 1])), float(np.median(last[:, 1]))),
        (int(np.median(second[:, 2])), int(last[:, 2].max())),
        growth,
    )


def table(courses: Sequence[Course]) -> str:
    """The courses as a table: every pair is the second quarter's and the last quarter's figure."""
    lines = [
        "| pass | frames | s | frames a second | memory, MiB | open files | growth, KiB a frame |",
        "|-|-|-|-|-|-|-|",
    ]
    for each in courses:
        fps = " / ".join(f"{value:.2f}" for value in each.fps)
        memory = " / ".join(f"{value / MIB:.1f}" for value in each.resident)
        files = " / ".join(str(value) for value in each.files)
        lines.append(
            f"| {each.name} | {each.frames} | {each.seconds:.0f} | {fps} | {memory} | {files} "
            f"| {each.growth / 1024:+.2f} |"
        )
    return "\n".join(lines)
