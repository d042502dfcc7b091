"""The story: a clip becomes a film, pass by pass, every frame kept as soon as it is made."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from stylize import footage
from stylize.errors import Interrupted
from stylize.footage.clip import Frame, Pixels, Shot
from stylize.passes.base import Pass
from stylize.plan import Plan
from stylize.progress import FrameDone, Listener, PassFinished, PassStarted, silent


@dataclass(frozen=True)
class Film:
    """A finished film, its number of frames, and the seconds it took."""

    path: Path
    frames: int
    seconds: float


def run(
    plan: Plan,
    listener: Listener = silent,
    *,
    resume: bool = True,
    overwrite: bool = False,
    keep: bool = False,
    stop: Callable[[], bool] = lambda: False,
) -> Film:
    """Draws every frame of the plan that is not in the store yet, and makes the film.

    Args:
        plan: what to do.
        listener: is told what happens.
        resume: take up the frames of an earlier run; else they are drawn again.
        overwrite: replace a film that stands in the way.
        keep: leave the frames of all passes in the run's folder when the film is whole.
        stop: asked between frames; once it answers True, `Interrupted` is raised and the run can be resumed.

    Raises:
        StylizeError: what went wrong; every frame finished by then is kept.
    """
    began = time.perf_counter()
    plan.check_film(overwrite)
    if not resume:
        discard(plan)
    for step in plan.steps:
        run_pass(plan, step, listener, stop)
        step.close()  # a model's gigabytes are not held while frames are steadied and coded
    encode(plan, listener, overwrite, stop)
    if not keep:
        discard(plan)
    return Film(plan.out, len(plan.span), time.perf_counter() - began)


def run_pass(plan: Plan, step: Pass, listener: Listener, stop: Callable[[], bool]) -> None:
    """Makes the frames of one pass that are missing, shot by shot, and commits each as it comes."""
    began = time.perf_counter()
    store = plan.store(step.name)
    store.sweep()
    missing = store.missing(plan.span)
    listener(PassStarted(step.name, len(plan.span), len(plan.span) - len(missing)))
    inputs = StoredInputs(plan)
    for shot, start, end in stretches(missing, plan.shots):
        for index, pixels in step.render(shot, start, end, inputs):
            store.write(index, pixels)
            listener(FrameDone(step.name, index))
            if stop():
                raise Interrupted("Stopped.", hint="run the same command again: it goes on from here")
    listener(PassFinished(step.name, time.perf_counter() - began))


def encode(plan: Plan, listener: Listener, overwrite: bool, stop: Callable[[], bool]) -> None:
    """The frames become a film, at the source's own times and with its sound."""
    began = time.perf_counter()
    listener(PassStarted("encode", len(plan.span)))
    store = plan.store(plan.steps[-1].name)

    def frames() -> Iterator[Frame]:
        for index in plan.span:
            yield Frame(index, plan.clip.pts_of(index), store.read(index))
            listener(FrameDone("encode", index))
            if stop():
                raise Interrupted("Stopped.", hint="run the same command again: it goes on from here")

    footage.write_film(
        frames(),
        plan.out,
        plan.clip,
        format=plan.format,
        start=plan.span.start,
        end=plan.span.stop,
        audio=plan.audio,
        overwrite=overwrite,
        listen=listener,
    )
    listener(PassFinished("encode", time.perf_counter() - began))


def preview(plan: Plan, index: int, out: Path) -> Path:
    """Draws one frame, source left and result right, and writes it as PNG. The store is left alone."""
    from stylize.report.side_by_side import write_pair

    shot = next(shot for shot in plan.shots if index in shot)
    plate = next(inputs_frame.pixels for inputs_frame in footage.read_frames(plan.clip, index, index + 1))
    inputs = OneFrame(index, plate)
    for step in plan.steps:
        if step.lookaround == (0, 0):  # a pass that needs neighbours changes little in a single frame
            inputs.latest = next(pixels for _, pixels in step.render(shot, index, index + 1, inputs))
    return write_pair(plate, inputs.latest, out)


def discard(plan: Plan) -> None:
    """Removes the frames of this plan, and the run's folder if nothing else is in it."""
    for step in plan.steps:
        shutil.rmtree(plan.store(step.name).folder, ignore_errors=True)
        remove_if_empty(plan.store(step.name).folder.parent)
    remove_if_empty(plan.run_dir)


def remove_if_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def stretches(indices: list[int], shots: tuple[Shot, ...]) -> Iterator[tuple[Shot, int, int]]:
    """Runs of consecutive frames, none of them across a cut."""
    for shot in shots:
        inside = [index for index in indices if index in shot]
        for _, run_of in itertools.groupby(enumerate(inside), key=lambda pair: pair[1] - pair[0]):
            numbers = [index for _, index in run_of]
            yield shot, numbers[0], numbers[-1] + 1


@dataclass
class StoredInputs:
    """A pass's inputs from the source and from the store."""

    plan: Plan

    def plate(self, start: int, end: int) -> Iterator[Pixels]:
        return (frame.pixels for frame in footage.read_frames(self.plan.clip, start, end))

    def frames(self, name: str, start: int, end: int) -> Iterator[Pixels]:
        store = self.plan.store(name)
        return (store.read(index) for index in range(start, end))


class OneFrame:
    """Inputs that hold a single frame: the plate, and what the last pass made of it."""

    def __init__(self, index: int, plate: Pixels) -> None:
        self.index = index
        self.source = plate
        self.latest = plate

    def plate(self, start: int, end: int) -> Iterator[Pixels]:
        return itertools.repeat(self.source, end - start)

    def frames(self, name: str, start: int, end: int) -> Iterator[Pixels]:
        return itertools.repeat(self.latest, end - start)


__all__ = ["Film", "preview", "run", "run_pass"]
