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
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from stylize import footage
from stylize.errors import StylizeError
from stylize.footage.cadence import ExposureSheet, expose
from stylize.footage.clip import Clip, Pixels, Shot
from stylize.passes.base import Inputs, Pass, reach
from stylize.storage.atomic import atomic_write, cannot_write
from stylize.storage.frame_store import FrameStore

FILE = "standin.json"


@dataclass
class Draw:
    """Paints a frame by its number. `ills` maps frames to how they fail: raise, die, stop, full, or with once."""

    seconds: float
    ills: Mapping[int, str]
    flags: Path

    name = "draw"
    needs = ()
    lookaround = (0, 0)
    sees_plate = False
    depends_on_frame_set = False

    def settings(self) -> object:
        return "paint"

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pixels]]:
        for position in wanted:
            number = shot[position]
            time.sleep(self.seconds)
            self._suffer(number)
            yield number, painted(number)

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

    def close(self) -> None:
        pass


@dataclass
class Calm:
    """The mean of a drawing and its two neighbours to each side."""

    seconds: float

    name = "calm"
    needs = ("draw",)
    lookaround = (2, 2)
    sees_plate = False
    depends_on_frame_set = True

    def settings(self) -> object:
        return "mean"

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pixels]]:
        for position in wanted:
            time.sleep(self.seconds)
            near = reach(shot, range(position, position + 1), self.lookaround)
            frames = list(inputs.frames("draw", shot[near.start : near.stop]))
            yield shot[position], np.mean(frames, axis=0, dtype=np.float32)

    def close(self) -> None:
        pass


def painted(number: int) -> Pixels:
    return np.random.default_rng(number).random((48, 64, 3), np.float32)


@dataclass(frozen=True)
class StandIn:
    """A job of those two passes: twelve frames a shot."""

    run_dir: Path
    frames: int
    seconds: float = 0.0
    ills: Mapping[int, str] = field(default_factory=dict)
    first_number: int | None = None
    name: str = "film"

    format = "mp4"
    audio = False
    repair = "off"
    comp = foreground = None

    @property
    def out(self) -> Path:
        return self.run_dir.with_name(f"{self.name}.mp4")

    @property
    def clip(self) -> Clip:
        tick = Fraction(1, 24)
        return Clip(
            self.run_dir / "plate.mp4", 64, 48, 1 / tick, tick, self.frames, first_number=self.first_number
        )

    @property
    def span(self) -> range:
        return range(self.frames)

    @property
    def shots(self) -> tuple[Shot, ...]:
        return tuple(Shot(start, min(start + 12, self.frames)) for start in range(0, self.frames, 12))

    @property
    def sheet(self) -> ExposureSheet:
        return expose(self.shots, [1] * len(self.shots), self.span)

    @property
    def parts(self) -> tuple[StandIn, ...]:
        return (self,)

    @cached_property
    def steps(self) -> tuple[Pass, ...]:
        return Draw(self.seconds, self.ills, self.run_dir), Calm(self.seconds)

    @property
    def passes(self) -> tuple[Any, ...]:
        return ()

    @property
    def fingerprints(self) -> dict[str, str]:
        return {"draw": "0", "calm": "0"}

    def store(self, name: str) -> FrameStore:
        return FrameStore(self.run_dir / name / "0")

    def frames_of(self, name: str) -> Sequence[int]:
        return self.span

    def shown(self, name: str, index: int) -> int:
        return index

    def inputs(self) -> Inputs:
        return _Stored(self)

    def check_film(self, overwrite: bool) -> None:
        footage.check_film(self.out, self.clip, overwrite=overwrite, audio=False)


@dataclass(frozen=True)
class _Stored:
    job: StandIn

    def plates(self, numbers: Sequence[int]) -> Iterator[Pixels]:
        raise NotImplementedError

    sources = plates

    def frames(self, name: str, numbers: Sequence[int]) -> Iterator[Pixels]:
        return (self.job.store(name).read(number) for number in numbers)


def write_job(run_dir: Path, frames: int, **facts: Any) -> str:
    """Writes a job down in its run folder; returns the folder as the farm wants it."""
    atomic_write(run_dir / FILE, json.dumps({"frames": frames, **facts}).encode())
    return str(run_dir)


def load(run: str) -> StandIn:
    """Takes up the job of a run folder."""
    facts = json.loads((Path(run) / FILE).read_text())
    facts["ills"] = {int(number): ill for number, ill in facts.get("ills", {}).items()}
    return StandIn(Path(run), **facts)


@dataclass(frozen=True)
class Elsewhere:
    """Loads here, and raises the error in every other process, as on a machine that differs from this one."""

    error: StylizeError
    process: int = field(default_factory=os.getpid)

    def __call__(self, run: str) -> StandIn:
        if os.getpid() != self.process:
            raise self.error
        return load(run)


@dataclass(frozen=True)
class DiesElsewhere:
    """Loads here, and ends every other process."""

    process: int = field(default_factory=os.getpid)

    def __call__(self, run: str) -> StandIn:
        if os.getpid() != self.process:
            os.kill(os.getpid(), signal.SIGKILL)
        return load(run)
