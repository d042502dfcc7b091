"""The frames of a job become a film, at the source's own times and with its sound."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import repeat

import numpy as np

from compositing.colour import unpremultiply
from stylize import footage
from stylize.errors import Interrupted, NotReady
from stylize.events import FrameDone, Listener, PassFinished, PassStarted, silent
from stylize.footage.alpha import Plane, laid_on, scaled_to
from stylize.footage.clip import Frame, Pixels
from stylize.footage.read_alpha import read_alpha
from stylize.footage.transfer import linear_from_srgb, srgb_from_linear
from stylize.jobs.films import FilmOutput
from stylize.jobs.job import RenderJob, Segment
from stylize.passes.base import Inputs

FORMATS_WITH_ALPHA = ("prores", "png", "png16", "exr")


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
            alphas = clip_alpha(job, segment, film)
            for index in segment.span:
                picture = next(inputs.frames(picture_shown(segment, film), [index]))
                yield Frame(index, job.clip.pts_of(index), _shown(job, film, picture, alphas))
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
        straight=film.straight or (keeps_alpha(job, film) and job.clip.codec == "exr"),
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


def keeps_alpha(job: RenderJob, film: FilmOutput) -> bool:
    """Whether a film is cut out as its clip is."""
    return job.clip.has_alpha and film.shows == "film" and film.format in FORMATS_WITH_ALPHA


def clip_alpha(job: RenderJob, segment: Segment, film: FilmOutput) -> Iterator[Plane] | None:
    """The alpha of the clip for each frame of a segment, a held drawing with its own frame's; None where the film
    needs none. Where a scene lays the subject before a backdrop, all of the picture is to be seen."""
    is_light_on_black = job.clip.codec == "exr" and not keeps_alpha(job, film)
    if not job.clip.has_alpha or film.shows != "film" or is_light_on_black:
        return None
    if segment.scene is not None:
        return repeat(np.ones((job.clip.height, job.clip.width), np.float32))
    giver = segment.giver(picture_shown(segment, film))
    assert giver is not None
    return read_alpha(job.clip, [giver.frames.shown_at(index) for index in segment.span])


def _shown(job: RenderJob, film: FilmOutput, picture: Pixels, alphas: Iterator[Plane] | None) -> Pixels:
    """What a film shows at a frame. EXR colours are multiplied by alpha in linear light, by its writer."""
    if picture.shape[2] == 4:
        if film.straight or film.format == "exr":
            return picture
        return np.concatenate([picture[..., :3] * picture[..., 3:], picture[..., 3:]], axis=2)
    if alphas is None:
        return picture
    alpha = scaled_to(next(alphas), picture.shape[:2])
    if not keeps_alpha(job, film):
        return laid_on(picture, alpha)
    return np.concatenate([_straight(job, film, picture, alpha), alpha[..., None]], axis=2)


def _straight(job: RenderJob, film: FilmOutput, picture: Pixels, alpha: Plane) -> Pixels:
    """The straight colours of a drawing.

    They are the drawing's own, whose ground goes on in the colours of its plate. Light of OpenEXR is multiplied by
    alpha already: it goes into an EXR film as it is, where a glow without alpha is kept too.
    """
    if job.clip.codec != "exr" or film.format == "exr":
        return picture
    return srgb_from_linear(np.clip(unpremultiply(linear_from_srgb(picture), alpha), 0, 1))
