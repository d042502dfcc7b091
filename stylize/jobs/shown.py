"""What a film shows of each frame: the drawing as it is, on a ground, or cut out as the clip is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat

import numpy as np

from compositing.colour import unpremultiply
from stylize.footage.alpha import Plane, laid_on, scaled_to
from stylize.footage.clip import Pixels
from stylize.footage.read_alpha import read_alpha
from stylize.footage.seen import seen_on_ground
from stylize.footage.transfer import linear_from_srgb, srgb_from_linear
from stylize.jobs.films import FilmOutput
from stylize.jobs.job import RenderJob, Segment

FORMATS_WITH_ALPHA = ("prores", "png", "png16", "exr")


def picture_shown(segment: Segment, film: FilmOutput) -> str:
    """The name of the pictures of a segment that a film shows."""
    return segment.film_picture if film.shows == "film" else film.shows


def keeps_alpha(job: RenderJob, film: FilmOutput) -> bool:
    """Whether a film is cut out as its clip is."""
    return job.clip.has_alpha and film.shows == "film" and film.format in FORMATS_WITH_ALPHA


def clip_alpha(
    job: RenderJob, segment: Segment, film: FilmOutput, numbers: Sequence[int]
) -> Iterator[Plane] | None:
    """The alpha of the clip at these frames of a segment, ascending; None where the film needs none.

    Where a scene lays the subject before a backdrop, all of the picture is to be seen.
    """
    is_light_on_black = job.clip.codec == "exr" and not keeps_alpha(job, film)
    if not job.clip.has_alpha or film.shows != "film" or is_light_on_black:
        return None
    if segment.scene is not None:
        return repeat(np.ones((job.clip.height, job.clip.width), np.float32), len(numbers))
    return read_alpha(job.clip, numbers)


def alpha_of_film(job: RenderJob, segment: Segment, film: FilmOutput) -> Iterator[Plane] | None:
    """`clip_alpha` for all frames of a segment: a held drawing has the alpha of its own frame."""
    giver = segment.giver(picture_shown(segment, film))
    assert giver is not None
    return clip_alpha(job, segment, film, [giver.frames.shown_at(index) for index in segment.span])


def shown(job: RenderJob, film: FilmOutput, picture: Pixels, alphas: Iterator[Plane] | None) -> Pixels:
    """What is written of a frame: RGB, or RGB and alpha where the film keeps it.

    EXR colours are multiplied by alpha in linear light, by its writer.

    Args:
        alphas: gives the frame's alpha next, see `clip_alpha`.
    """
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


def seen(job: RenderJob, picture: Pixels, alphas: Iterator[Plane] | None) -> Pixels:
    """What a person sees of a frame of the job's film, or of its plate in the same way: RGB on the film's ground.

    Args:
        alphas: gives the frame's alpha next, see `clip_alpha`.
    """
    if alphas is None:
        return picture
    cut_out, is_light = keeps_alpha(job, job.film), job.clip.codec == "exr"
    return seen_on_ground(picture, next(alphas), cut_out=cut_out, is_light=is_light)
