"""The story: a clip becomes a film, pass by pass, every frame kept as soon as it is made."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from stylize import footage
from stylize.errors import Interrupted, NotReady
from stylize.events import FrameDone, Listener, Note, PassFinished, PassStarted, silent
from stylize.footage.clip import Frame, Pixels
from stylize.jobs.job import Job, missing, owed, part_of, pass_names, steps_of
from stylize.jobs.manifest import save_job
from stylize.jobs.manifest.names import FAILURES, RECORDS
from stylize.jobs.plan import Plan
from stylize.jobs.receipt import film_is_there, write_receipt
from stylize.passes.one_frame import OneFrame
from stylize.passes.runner import make
from stylize.storage.place import Place, remove_tree


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
    remember: bool = False,
    stop: Callable[[], bool] = lambda: False,
) -> Film:
    """Draws every frame of the plan that is not in the store yet, and makes the film.

    Args:
        plan: what to do.
        listener: is told what happens.
        resume: take up the frames of an earlier run; else they are drawn again.
        overwrite: replace a film that stands in the way.
        keep: leave the frames of all passes in the run's folder when the film is whole.
        remember: leave the run's record and the film's receipt, by which a list of jobs knows what is done.
        stop: asked between frames; once it answers True, `Interrupted` is raised and the run can be resumed.

    Raises:
        StylizeError: what went wrong; every frame finished by then is kept.
    """
    began = time.perf_counter()
    plan.check_film(overwrite)
    if not resume:
        discard(plan)
    save_job(plan)
    for name in pass_names(plan):
        run_pass(plan, name, listener, stop)
    write_films(plan, listener, overwrite, stop)
    report(plan, listener)
    write_receipt(plan)
    if not keep:
        discard(plan)
    if not (keep or remember):
        remove_run(plan.run_dir)
    return Film(plan.out, len(plan.span), time.perf_counter() - began)


def run_pass(plan: Job, name: str, listener: Listener, stop: Callable[[], bool]) -> None:
    """Makes the frames of one pass that are missing, shot by shot, each committed as it comes."""
    began = time.perf_counter()
    listener(PassStarted(name, total := owed(plan, name), total - len(missing(plan, name))))
    for part, step in steps_of(plan, name):
        part.store(name).sweep()
        for number in make(part, step, part.frames_of(name)):
            listener(FrameDone(name, number))
            if stop():
                raise Interrupted("Stopped.", hint="run the same command again: it goes on from here")
        step.close()  # a model's gigabytes are not held while frames are steadied and coded
    listener(PassFinished(name, time.perf_counter() - began))


def finish(plan: Job, listener: Listener, stop: Callable[[], bool]) -> None:
    """Makes the film of frames that others have made, unless this very film is there already.

    Raises:
        NotReady: frames are missing.
        StylizeError: the film cannot be written.
    """
    if not film_is_there(plan):
        write_films(plan, listener, overwrite=True, stop=stop)
        report(plan, listener)
        write_receipt(plan)


def write_films(plan: Job, listener: Listener, overwrite: bool, stop: Callable[[], bool]) -> None:
    """The film, and the drawn foreground where it was asked for."""
    encode(plan, listener, overwrite, stop)
    if plan.foreground is not None:
        from stylize.comp.foreground import write_foreground

        write_foreground(plan, listener, overwrite, stop)


def encode(plan: Job, listener: Listener, overwrite: bool, stop: Callable[[], bool]) -> None:
    """The frames become a film, at the source's own times and with its sound."""
    began = time.perf_counter()
    listener(PassStarted("encode", len(plan.span)))
    check_complete(plan)

    def frames() -> Iterator[Frame]:
        for index in plan.span:
            yield Frame(index, plan.clip.pts_of(index), last_of(plan, index))
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


def check_complete(plan: Job) -> None:
    """Sees that every frame of the film lies in the store: a film with holes is no film.

    Raises:
        NotReady: frames of a last pass are missing.
    """
    for part in plan.parts:
        last = part.steps[-1].name
        lacking = part.store(last).missing(part.frames_of(last))
        if lacking:
            raise NotReady("the film", last, lacking)


def last_of(plan: Job, index: int) -> Pixels:
    """What the film shows at a frame."""
    part = part_of(plan, index)
    last = part.steps[-1].name
    return part.store(last).read(part.shown(last, index))


def report(plan: Job, listener: Listener) -> None:
    """Lists the frames that were unstable beside the film, and says in a sentence how many."""
    from stylize.report.repairs import write_repairs

    told = write_repairs(plan)
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
    """Removes the frames of this plan."""
    for part in plan.parts:
        for step in part.steps:
            remove_tree(part.store(step.name).folder)
            remove_if_empty(part.store(step.name).folder.parent)
        if part.comp is not None:
            remove_tree(plan.run_dir / "camera")


def remove_run(run_dir: Place) -> None:
    """Removes what a run folder holds besides frames, and the folder itself unless frames of others lie in it."""
    for name in RECORDS:
        (run_dir / name).unlink(missing_ok=True)
    remove_tree(run_dir / FAILURES)
    remove_if_empty(run_dir)


def remove_if_empty(folder: Place) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


__all__ = ["Film", "preview", "run", "run_pass"]
