"""How long films took on this machine, so that a plan can say how long the next one will take.

The same passes by the same means take about as long for a frame and a pixel. Of every kind of run the newest is
kept, in the user's cache.
"""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stylize.errors import CannotWrite
from stylize.events import Event, FrameDone, PassFinished
from stylize.jobs.job import RenderJob, Segment
from stylize.jobs.specs import DrawingSpec
from stylize.storage.atomic import atomic_write
from stylize.storage.fingerprint import fingerprint
from stylize.storage.user_cache import user_cache_folder
from stylize.system.documents import DocumentError, read_json
from stylize.system.machine import usable_cores

LEAST_FRAMES = 20
"""A shorter film says too little: its passes hardly worked side by side."""
OF_A_DRAWING = {
    *("runtime", "device", "more_devices", "precision", "batch", "fit", "vae_pieces", "window", "overlap"),
    *("steps", "strength", "scheduler", "finish", "deflicker", "repair", "cadence", "hold", "enlarge"),
}
"""What of a config decides how long a frame takes, beside its size."""


class PassPace(BaseModel):
    """How fast a pass is: seconds of its own work for a frame, and the frame's pixels."""

    model_config = ConfigDict(frozen=True)

    seconds: float = Field(ge=0, allow_inf_nan=False)
    pixels: int = Field(gt=0)


class RunTimes(BaseModel):
    """What a run took.

    `start`: seconds until its first frame. `side_by_side`: seconds on the clock for one of the passes' own, since
    these work at the same time. `passes`: the coding of films is among them.
    """

    model_config = ConfigDict(frozen=True)

    start: float = Field(ge=0, allow_inf_nan=False)
    side_by_side: float = Field(gt=0, allow_inf_nan=False)
    passes: dict[str, PassPace]


@dataclass
class RunClock:
    """Takes the times of a run from its events."""

    job: RenderJob
    began: float = field(default_factory=time.perf_counter)
    first: tuple[str, float] | None = None
    """The pass that finished the first frame, and when."""
    frames: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        if isinstance(event, FrameDone):
            self.first = self.first or (event.name, time.perf_counter() - self.began)
            self.frames[event.name] = self.frames.get(event.name, 0) + 1
        elif isinstance(event, PassFinished):
            self.seconds[event.name] = event.seconds

    def keep(self) -> None:
        """Keeps the times, if the run made a whole film. A cache that cannot be written costs them, and no more."""
        parts = _parts(self.job)
        whole = all(self.frames.get(name) == part.frames for name, part in parts.items())
        if self.first is None or not whole or len(self.job.span) < LEAST_FRAMES:
            return
        name, start = self.first
        own = {each: seconds - (start if each == name else 0) for each, seconds in self.seconds.items()}
        busy = sum(max(seconds, 0) for seconds in own.values())
        times = RunTimes(
            start=start,
            side_by_side=(time.perf_counter() - self.began - start) / max(busy, 1e-3),
            passes={
                each: PassPace(seconds=max(seconds, 0) / max(self.frames[each], 1), pixels=parts[each].pixels)
                for each, seconds in own.items()
            },
        )
        with contextlib.suppress(CannotWrite):
            atomic_write(_note(self.job), times.model_dump_json().encode())


def expected_seconds(job: RenderJob) -> float | None:
    """How long the rest of the job will take here; None where nothing of its kind was made before."""
    try:
        times = RunTimes.model_validate(read_json(_note(job)))
    except (DocumentError, ValidationError):
        return None
    parts = _parts(job)
    if set(parts) - set(times.passes):
        return None
    of_a_pixel = {name: took.seconds / took.pixels for name, took in times.passes.items()}
    busy = sum(of_a_pixel[name] * part.pixels * part.missing for name, part in parts.items())
    return times.start + times.side_by_side * busy if busy else 0.0


def _note(job: RenderJob) -> Path:
    kinds = {json.dumps(_kind(segment), sort_keys=True, default=str) for segment in job.segments}
    formats = [film.format for film in job.films]
    return user_cache_folder() / "times" / f"{fingerprint(sorted(kinds), formats, usable_cores())}.json"


def _kind(segment: Segment) -> dict[str, Any]:
    """What decides how long a frame of the segment takes, beside its size."""
    spec = segment.spec
    kind: dict[str, Any] = {
        "passes": [step.name for step in segment.passes],
        "depth": segment.depth,
        "scene": segment.scene is not None,
    }
    if isinstance(spec, DrawingSpec):
        config = spec.config
        kind |= config.model_dump(mode="json", include=OF_A_DRAWING)
        kind["checkpoint"] = spec.checkpoint.revision
        kind["controls"] = [control.condition for control in config.controls]
        kind["guided"] = config.guidance > 1
    return kind


@dataclass(frozen=True)
class _Part:
    """A pass or the coding of a film: all of its frames, those not made yet, and the pixels of one."""

    frames: int
    missing: int
    pixels: int


def _parts(job: RenderJob) -> dict[str, _Part]:
    passes = [job.progress(name) for name in job.pass_names]
    parts = {
        each.name: _Part(each.frames, each.frames - each.done, each.size[0] * each.size[1]) for each in passes
    }
    whole = _Part(len(job.span), len(job.span), job.clip.width * job.clip.height)
    return parts | {film.pass_name: whole for film in job.films}
