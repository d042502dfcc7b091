"""The frames of a job become a film, at the source's own times and with its sound."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from stylize import footage
from stylize.errors import Interrupted, NotReady
from stylize.events import FrameDone, Listener, PassFinished, PassStarted, silent
from stylize.footage.clip import Frame
from stylize.jobs.films import FilmOutput
from stylize.jobs.job import RenderJob, Segment
from stylize.jobs.receipt import note_written
from stylize.jobs.shown import cutouts_of_film, is_light, keeps_alpha, picture_shown, shown
from stylize.passes.base import Inputs


def encode(
    job: RenderJob,
    film: FilmOutput,
    listener: Listener,
    overwrite: bool,
    stop: Callable[[], bool],
    inputs_of: Callable[[Segment], Inputs] = Segment.inputs,
) -> None:
    """Writes one of the job's films, told of as a pass.

    Args:
        inputs_of: where the frames of a segment are read; by default its store, in which all of them must lie.

    Raises:
        NotReady: frames are missing.
        StylizeError: what went wrong; no file is written then.
    """
    name, began = film.pass_name, time.perf_counter()
    listener(PassStarted(name, len(job.span)))
    if inputs_of is Segment.inputs:
        check_complete(job, film)
    readers = [(segment, inputs_of(segment)) for segment in job.segments]

    def frames() -> Iterator[Frame]:
        for segment, inputs in readers:
            cutouts = cutouts_of_film(job, segment, film)
            for index in segment.span:
                picture = next(inputs.frames(picture_shown(segment, film), [index]))
                yield Frame(index, job.clip.pts_of(index), shown(job, film, picture, cutouts))
                listener(FrameDone(name, index))
                if stop():
                    raise Interrupted("Stopped.", hint="run the same command again: it goes on from here")

    write(job, film, frames(), overwrite, listener)
    note_written(job, film)
    listener(PassFinished(name, time.perf_counter() - began))


def write(
    job: RenderJob, film: FilmOutput, frames: Iterator[Frame], overwrite: bool, listener: Listener = silent
) -> None:
    """Writes frames as a film of the job's times, colour tags and sound: see `footage.write_film`."""
    footage.write_film(
        frames,
        film.path,
        job.clip,
        format=film.format,
        start=job.span.start,
        end=job.span.stop,
        audio=film.audio,
        overwrite=overwrite,
        straight=film.straight or (keeps_alpha(job, film) and is_light(job)),
        listen=listener,
    )


def check_complete(job: RenderJob, film: FilmOutput) -> None:
    """Sees that every frame of a film lies in the store: a film with holes is no film.

    Raises:
        NotReady: frames of a last pass are missing.
    """
    for segment in job.segments:
        step = segment.giver(picture_shown(segment, film))
        assert step is not None
        missing = segment.missing(step)
        if missing:
            raise NotReady("the film", step.name, missing)
