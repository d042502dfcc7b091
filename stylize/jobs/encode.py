"""The frames of a job become a film, at the source's own times and with its sound."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from stylize import footage
from stylize.errors import Interrupted, NotReady
from stylize.events import FrameDone, Listener, PassFinished, PassStarted, silent
from stylize.footage.clip import Frame, Pixels
from stylize.footage.photograph import read_photograph
from stylize.jobs.films import FilmOutput
from stylize.jobs.job import RenderJob, Segment
from stylize.passes.base import Inputs


def encode(
    job: RenderJob,
    film: FilmOutput,
    listener: Listener,
    overwrite: bool,
    stop: Callable[[], bool],
    inputs_of: Callable[[Segment], Inputs] = Segment.inputs,
) -> None:
    """Writes one of the job's films. The film itself is told of as the pass `encode`, others by what they show.

    Args:
        inputs_of: where the frames of a segment are read; by default its store, in which all of them must lie.

    Raises:
        NotReady: frames are missing.
        StylizeError: what went wrong; no file is written then.
    """
    name, began = "encode" if film is job.film else film.shows, time.perf_counter()
    listener(PassStarted(name, len(job.span)))
    if inputs_of is Segment.inputs:
        check_complete(job, film)
    readers = [(segment, inputs_of(segment)) for segment in job.segments]

    def frames() -> Iterator[Frame]:
        for segment, inputs in readers:
            for index in segment.span:
                yield Frame(index, job.clip.pts_of(index), _shown(job, segment, film, inputs, index))
                listener(FrameDone(name, index))
                if stop():
                    raise Interrupted("Stopped.", hint="run the same command again: it goes on from here")

    write(job, film, frames(), overwrite, listener)
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
        straight=film.straight,
        listen=listener,
    )


def picture_shown(segment: Segment, film: FilmOutput) -> str:
    """The name of the pictures of a segment that a film shows."""
    return segment.film_picture if film.shows == "film" else film.shows


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


def _shown(job: RenderJob, segment: Segment, film: FilmOutput, inputs: Inputs, index: int) -> Pixels:
    """What a film shows at a frame. EXR colours are multiplied by alpha in linear light, by its writer."""
    picture = next(inputs.frames(picture_shown(segment, film), [index]))
    if job.clip.has_alpha and film.shows == "film" and picture.shape[2] == 3 and segment.scene is None:
        alpha = read_photograph(job.clip.path).alpha  # the drawing is cut out as its photograph was
        return picture if alpha is None else np.concatenate([picture, alpha[..., None]], axis=2)
    if picture.shape[2] == 4 and not film.straight and film.format != "exr":
        return np.concatenate([picture[..., :3] * picture[..., 3:], picture[..., 3:]], axis=2)
    return picture
