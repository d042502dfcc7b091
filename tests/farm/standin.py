"""A job that costs next to nothing: two passes that paint by numbers, and can be made slow or made to fail.

The farm is given `load` for it, as for any job.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from stylize.errors import StylizeError
from stylize.footage.cadence import expose
from stylize.footage.clip import Clip, Pixels, Shot
from stylize.jobs.consent import write_consent
from stylize.jobs.films import FilmOutput
from stylize.jobs.job import RenderJob, Segment
from stylize.passes.base import Inputs, Pass, Pictures, reach
from stylize.passes.frame_set import FrameSet
from stylize.storage.atomic import atomic_write, cannot_write

FILE = "standin.json"


@dataclass
class Draw(Pass):
    """Paints a frame by its number. `ills` maps frames to how they fail: raise, die, stop, full, or with once."""

    frames: FrameSet
    seconds: float
    ills: Mapping[int, str]
    flags: Path

    name = "draw"
    size = (64, 48)

    def settings(self) -> object:
        return "paint"

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        for position in wanted:
            number = shot[position]
            time.sleep(self.seconds)
            self._suffer(number)
            yield number, (painted(number),)

    def _suffer(self, number: int) -> None:
        ill = self.ills.get(number)
        if ill is not None and ill.endswith(" once"):
            flag, ill = self.flags / f"{number}.flag", ill.removesuffix(" once")
            if flag.exists():
                return
            flag.touch()
        if ill == "full":
            raise cannot_write(self.flags / "draw", OSError(errno.ENOSPC, "No space left on device"))
        if ill == "raise":
            raise ValueError("the paint is off")
        if ill == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if ill == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)


@dataclass
class Calm(Pass):
    """The mean of a drawing and its two neighbours to each side."""

    frames: FrameSet
    seconds: float

    name = "calm"
    size = (64, 48)
    needs = ("draw",)
    lookaround = (2, 2)
    depends_on_frame_set = True

    def settings(self) -> object:
        return "mean"

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        for position in wanted:
            time.sleep(self.seconds)
            near = reach(shot, range(position, position + 1), self.lookaround)
            frames = list(inputs.frames("draw", shot[near.start : near.stop]))
            yield shot[position], (np.mean(frames, axis=0, dtype=np.float32),)


def painted(number: int) -> Pixels:
    return np.random.default_rng(number).random((48, 64, 3), np.float32)


def stand_in(
    run_dir: Path,
    frames: int,
    seconds: float = 0.0,
    ills: Mapping[int, str] = MappingProxyType({}),
    first_number: int | None = None,
    name: str = "film",
) -> RenderJob:
    """A job of those two passes: twelve frames a shot."""
    tick = Fraction(1, 24)
    clip = Clip(run_dir / "plate.mp4", 64, 48, 1 / tick, tick, frames, first_number=first_number)
    shots = tuple(Shot(start, min(start + 12, frames)) for start in range(0, frames, 12))
    every = FrameSet(range(frames))
    segment = Segment(
        source="plate",
        shots=shots,
        sheet=expose(shots, [1] * len(shots), range(frames)),
        spec=None,  # type: ignore[arg-type]
        passes=(Draw(every, seconds, ills, run_dir), Calm(every, seconds)),
        sources={},
        film_picture="calm",
        scene=None,
        fingerprints={"draw": "0", "calm": "0"},
        run_dir=run_dir,
        depth="8",
    )
    return RenderJob(clip, (segment,), (FilmOutput(run_dir.with_name(f"{name}.mp4"), "mp4", False),), run_dir)


def write_job(run_dir: Path, frames: int, **facts: Any) -> str:
    """Writes a job down in its run folder; returns the folder as the farm wants it."""
    atomic_write(run_dir / FILE, json.dumps({"frames": frames, **facts}).encode())
    write_consent(load(str(run_dir)))
    return str(run_dir)


def load(run: str) -> RenderJob:
    """Takes up the job of a run folder."""
    facts = json.loads((Path(run) / FILE).read_text())
    facts["ills"] = {int(number): ill for number, ill in facts.get("ills", {}).items()}
    return stand_in(Path(run), **facts)


@dataclass(frozen=True)
class Elsewhere:
    """Loads here, and raises the error in every other process, as on a machine that differs from this one."""

    error: StylizeError
    process: int = field(default_factory=os.getpid)

    def __call__(self, run: str) -> RenderJob:
        if os.getpid() != self.process:
            raise self.error
        return load(run)


@dataclass(frozen=True)
class DiesElsewhere:
    """Loads here, and ends every other process."""

    process: int = field(default_factory=os.getpid)

    def __call__(self, run: str) -> RenderJob:
        if os.getpid() != self.process:
            os.kill(os.getpid(), signal.SIGKILL)
        return load(run)
