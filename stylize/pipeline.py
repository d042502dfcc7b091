"""The story: a clip becomes a film, pass by pass, every frame kept as soon as it is made."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stylize.comp.resolve import CAMERAS
from stylize.errors import BrokenFrame, CannotWrite, Interrupted, NotReady
from stylize.events import FrameDone, Listener, Note, PassFinished, PassStarted, silent
from stylize.footage.clip import Pixels
from stylize.jobs.at_once import make_at_once
from stylize.jobs.consent import may_replace, write_consent, wrote_films
from stylize.jobs.encode import encode
from stylize.jobs.job import RenderJob
from stylize.jobs.manifest import save_job
from stylize.jobs.manifest.names import FAILURES, RECORDS
from stylize.jobs.receipt import film_is_there, write_receipt
from stylize.jobs.shown import clip_cutouts, seen
from stylize.passes.base import PLATE
from stylize.passes.learnt_parts import PAINTERS
from stylize.passes.load_for_frame import load_for_frame
from stylize.passes.one_frame import OneFrame
from stylize.passes.runner import make
from stylize.storage.lock import run_lock
from stylize.storage.place import Place, remove_tree


@dataclass(frozen=True)
class Film:
    """A finished film, its number of frames, and the seconds it took."""

    path: Path
    frames: int
    seconds: float


def run(
    job: RenderJob,
    listener: Listener = silent,
    *,
    resume: bool = True,
    overwrite: bool = False,
    keep: bool = False,
    remember: bool = False,
    stop: Callable[[], bool] = lambda: False,
    finishing: Callable[[RenderJob], None] = lambda job: None,
) -> Film:
    """Makes every frame of the job that is not in the store yet, and then its films.

    Args:
        job: what to do.
        listener: is called with every event of the run.
        resume: take up the frames of an earlier run; else they are made again.
        overwrite: replace a film that is there already; the job's own, from before it was stopped, always is.
        keep: leave the frames of all passes in the run's folder when the film is whole.
        remember: leave the run's record and the film's receipt, by which a list of jobs knows what is done.
        stop: asked between frames; once it answers True, `Interrupted` is raised and the run can be resumed.
        finishing: called with the job once its films are written, while its frames still lie in the store.

    Raises:
        StylizeError: what went wrong; every frame finished by then is kept.
    """
    began = time.perf_counter()
    job.check_films(overwrite or wrote_films(job))
    with run_lock(job.run_dir):
        if not resume:
            discard(job)
        save_job(job)
        write_consent(job)
        for note in job.notes:
            listener(Note(note))
        _make_films(job, listener, overwrite, stop, remember)
        finishing(job)
        if not keep:
            discard(job)
        if not (keep or remember):
            remove_run(job.run_dir)
    return Film(job.film.path, len(job.span), time.perf_counter() - began)


def _make_films(
    job: RenderJob, listener: Listener, overwrite: bool, stop: Callable[[], bool], remember: bool
) -> None:
    """All passes and the films, at once. A kept frame that turns out to be damaged is made again, once."""
    mended: set[str | None] = set()
    while True:
        try:
            make_at_once(job, listener, overwrite or wrote_films(job), stop)
            return write_what_is_told(job, listener, remember)
        except BrokenFrame as error:
            if error.where in mended:
                raise
            mended.add(error.where)
            listener(Note(f"A kept frame was damaged, and is made again: {error.where}."))


def run_pass(job: RenderJob, name: str, listener: Listener, stop: Callable[[], bool]) -> None:
    """Makes the frames of one pass that are missing, shot by shot, each committed as it comes."""
    began = time.perf_counter()
    progress = job.progress(name)
    listener(PassStarted(name, progress.frames, progress.done))
    for segment, step in job.steps(name):
        for store in segment.stores(step):
            store.sweep()
        for number in make(segment, step, step.frames.numbers):
            listener(FrameDone(name, number))
            if stop():
                raise Interrupted("Stopped.", hint="run the same command again: it goes on from here")
        step.close()  # a model's gigabytes are not held while frames are steadied and coded
    listener(PassFinished(name, time.perf_counter() - began))


def finish(job: RenderJob, listener: Listener, stop: Callable[[], bool]) -> None:
    """Makes the films of frames that others have made, unless these very films are there already.

    Raises:
        NotReady: frames are missing.
        UsageError: another file bears the film's name, and nobody agreed to replace it.
        StylizeError: a film cannot be written.
    """
    if not film_is_there(job):
        overwrite = may_replace(job)
        job.check_films(overwrite)
        write_films(job, listener, overwrite, stop)


def write_films(job: RenderJob, listener: Listener, overwrite: bool, stop: Callable[[], bool]) -> None:
    """The films of frames that are all in the store, and what is told beside them.

    Raises:
        NotReady: frames are missing, or one was damaged and is missing by now.
    """
    for film in job.films:
        encode(job, film, listener, overwrite, stop)
    try:
        write_what_is_told(job, listener, remember=True)
    except BrokenFrame as error:
        raise _lost(job, error) from error


def _lost(job: RenderJob, error: BrokenFrame) -> NotReady:
    """Says of which pass the broken frame was, so that whoever makes that pass makes it again."""
    segment, step = next(
        (segment, step)
        for segment in job.segments
        for step in segment.passes
        if any(str(error.where).startswith(str(store.folder)) for store in segment.stores(step))
    )
    return NotReady("what is told of the film", step.name, segment.missing(step))


def write_what_is_told(job: RenderJob, listener: Listener, remember: bool) -> None:
    """The list of repairs, the parts that nothing showed, and the receipt, once the films are written.

    Where nobody will `remember` the run by its receipt, a disk that is full by then is told and no error: the films
    are whole.
    """
    from stylize.jobs.blind_parts import write_blind_parts
    from stylize.jobs.repairs import write_repairs

    try:
        for told in (write_repairs(job), write_blind_parts(job)):
            if told is not None:
                listener(Note(told))
        write_receipt(job)
    except CannotWrite as error:
        if remember:
            raise
        listener(Note(f"The film is whole, but what is kept beside it could not be written: {error.what}"))


def preview(job: RenderJob, index: int, out: Path) -> Path:
    """Draws one frame, source left and result right, and writes it as PNG. The store is left alone."""
    from stylize.storage.pictures import write_pair

    return write_pair(*draw_frame(job, index), out)


def draw_frame(job: RenderJob, index: int) -> tuple[Pixels, Pixels]:
    """One frame of the source and what the film shows there, (height, width, 3) float32 RGB in [0, 1].

    Both lie on the ground that the film has: on white, or on checks where it is cut out as its clip is. Passes that
    compare a frame with its neighbours are left out: they change little in a single frame. The store is left alone.
    """
    segment = job.segment_at(index)
    shot = next(shot for shot in segment.shots if index in shot)
    load_for_frame(segment.passes, index)
    plate = next(segment.sources[PLATE].read([index]))
    inputs = OneFrame(plate, index, segment.sources)
    for step in segment.passes:
        if step.in_previews:  # a pass that needs neighbours changes little in a single frame
            numbers, wanted = step.preview_frames(range(shot.start, shot.end), index)
            for number, pictures in step.render(numbers, wanted, inputs):
                inputs.keep(step, number, pictures)
        if segment.film_picture in step.gives:
            break
    source, drawn = (
        seen(job, picture, clip_cutouts(job, segment, job.film, [index]))
        for picture in (plate, inputs.latest)
    )
    return source, drawn


def discard(job: RenderJob) -> None:
    """Removes the frames of this job."""
    for segment in job.segments:
        for step in segment.passes:
            for store in segment.stores(step):
                remove_tree(store.folder)
                remove_if_empty(store.folder.parent)
    for name in (CAMERAS, PAINTERS):
        remove_tree(job.run_dir / name)


def remove_run(run_dir: Place) -> None:
    """Removes what a run folder holds besides frames, and the folder itself unless frames of others lie in it."""
    for name in RECORDS:
        (run_dir / name).unlink(missing_ok=True)
    remove_tree(run_dir / FAILURES)
    remove_if_empty(run_dir)


def remove_if_empty(folder: Place) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


__all__ = ["Film", "draw_frame", "preview", "run", "run_pass"]
