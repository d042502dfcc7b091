"""The story: a clip becomes a film, pass by pass, every frame kept as soon as it is made."""

from __future__ import annotations

import itertools
import shutil
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from stylize import footage
from stylize.errors import Interrupted
from stylize.footage.clip import Frame, Pixels, Shot
from stylize.job import Job
from stylize.passes.base import Pass, Telling
from stylize.plan import Plan
from stylize.progress import FrameDone, Listener, Note, PassFinished, PassStarted, silent


@dataclass(frozen=True)
class Film:
    """A finished film, its number of frames, and the seconds it took."""

    path: Path
    frames: int
    seconds: float


def run(
    plan: Job,
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
    report(plan, listener)
    if not keep:
        discard(plan)
    return Film(plan.out, len(plan.span), time.perf_counter() - began)


def run_pass(plan: Job, step: Pass, listener: Listener, stop: Callable[[], bool]) -> None:
    """Makes the frames of one pass that are missing, shot by shot, and commits each as it comes."""
    began = time.perf_counter()
    store, owed = plan.store(step.name), plan.frames_of(step.name)
    store.sweep()
    missing = store.missing(owed)
    listener(PassStarted(step.name, len(owed), len(owed) - len(missing)))
    inputs = plan.inputs()
    for shot, wanted in stretches(owed, missing, plan.shots):
        for number, pixels in step.render(shot, wanted, inputs):
            if isinstance(step, Telling) and (note := step.told(number)) is not None:
                store.write_note(number, note)
            store.write(number, pixels)
            listener(FrameDone(step.name, number))
            if stop():
                raise Interrupted("Stopped.", hint="run the same command again: it goes on from here")
    listener(PassFinished(step.name, time.perf_counter() - began))


def encode(plan: Job, listener: Listener, overwrite: bool, stop: Callable[[], bool]) -> None:
    """The frames become a film, at the source's own times and with its sound."""
    began = time.perf_counter()
    listener(PassStarted("encode", len(plan.span)))
    last = plan.steps[-1].name
    store = plan.store(last)

    def frames() -> Iterator[Frame]:
        for index in plan.span:
            yield Frame(index, plan.clip.pts_of(index), store.read(plan.shown(last, index)))
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


def report(plan: Job, listener: Listener) -> None:
    """Lists the frames that were unstable beside the film, and says in a sentence how many."""
    from stylize.report.repairs import write_repairs

    if plan.repair != "off":
        shown = [plan.sheet.drawing_at(index) for index in plan.span]
        frames = plan.frames_of("repair")
        told = write_repairs(plan.out, plan.store("repair"), plan.repair, frames, shown, plan.clip)
        if told is not None:
            listener(Note(told))


def preview(plan: Plan, index: int, out: Path) -> Path:
    """Draws one frame, source left and result right, and writes it as PNG. The store is left alone."""
    from stylize.report.side_by_side import write_pair

    shot = next(shot for shot in plan.shots if index in shot)
    plate = next(frame.pixels for frame in footage.read_frames(plan.clip, index, index + 1))
    inputs = OneFrame(plate)
    for step in plan.steps:
        if step.lookaround == (0, 0):  # a pass that needs neighbours changes little in a single frame
            frames, wanted = plan.preview_of(step.name, shot, index)
            for number, pixels in step.render(frames, wanted, inputs):
                inputs.keep(step.name, number, pixels)
    return write_pair(plate, inputs.latest, out)


def discard(plan: Job) -> None:
    """Removes the frames of this plan, and the run's folder if nothing else is in it."""
    for step in plan.steps:
        shutil.rmtree(plan.store(step.name).folder, ignore_errors=True)
        remove_if_empty(plan.store(step.name).folder.parent)
    if plan.comp is not None:
        shutil.rmtree(plan.run_dir / "camera", ignore_errors=True)
    remove_if_empty(plan.run_dir)


def remove_if_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def stretches(
    owed: Sequence[int], missing: Sequence[int], shots: Sequence[Shot]
) -> Iterator[tuple[Sequence[int], range]]:
    """The frames that a pass owes of each shot, with runs of missing ones among them as positions."""
    lacking = set(missing)
    for shot in shots:
        frames = owed[bisect_left(owed, shot.start) : bisect_left(owed, shot.end)]
        places = [place for place, number in enumerate(frames) if number in lacking]
        for _, run_of in itertools.groupby(enumerate(places), key=lambda pair: pair[1] - pair[0]):
            run = [place for _, place in run_of]
            yield frames, range(run[0], run[-1] + 1)


class OneFrame:
    """Inputs that hold a single frame: the plate, and what the passes made of it."""

    def __init__(self, plate: Pixels) -> None:
        self.source = plate
        self.latest = plate
        self._made: dict[str, dict[int, Pixels]] = {}

    def keep(self, name: str, number: int, pixels: Pixels) -> None:
        """Takes up what a pass made; a pass that was left out is stood in for by the one before it."""
        self._made.setdefault(name, {})[number] = pixels
        self.latest = pixels

    def plates(self, numbers: Sequence[int]) -> Iterator[Pixels]:
        return self.frames("subject", numbers) if "subject" in self._made else self.sources(numbers)

    def sources(self, numbers: Sequence[int]) -> Iterator[Pixels]:
        return itertools.repeat(self.source, len(numbers))

    def frames(self, name: str, numbers: Sequence[int]) -> Iterator[Pixels]:
        made = self._made.get(name, {})
        only = next(iter(made.values()), self.latest)
        return iter([made.get(number, only) for number in numbers])


__all__ = ["Film", "preview", "run", "run_pass"]
