"""What a film shows of each frame: the drawing as it is, on a ground, or cut out as the clip is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat

import numpy as np

from compositing.colour import unpremultiply
from stylize.footage.clip import Pixels
from stylize.footage.read_alpha import Cutout, read_cutouts
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


def clip_cutouts(
    job: RenderJob, segment: Segment, film: FilmOutput, numbers: Sequence[int]
) -> Iterator[Cutout] | None:
    """What is to be seen of the clip at these frames of a segment, ascending; None where that is all of it.

    Where a scene lays the subject before a backdrop, all of the picture is to be seen.
    """
    if not job.clip.has_alpha or film.shows != "film":
        return None
    if segment.scene is not None:
        whole = np.ones((job.clip.height, job.clip.width), np.float32)
        return repeat(Cutout(whole, whole), len(numbers))
    return read_cutouts(job.clip, numbers)


def cutouts_of_film(job: RenderJob, segment: Segment, film: FilmOutput) -> Iterator[Cutout] | None:
    """`clip_cutouts` for all frames of a segment: a held drawing has the alpha of its own frame."""
    giver = segment.giver(picture_shown(segment, film))
    assert giver is not None
    return clip_cutouts(job, segment, film, [giver.frames.shown_at(index) for index in segment.span])


def shown(job: RenderJob, film: FilmOutput, picture: Pixels, cutouts: Iterator[Cutout] | None) -> Pixels:
    """What is written of a frame: RGB, or RGB and alpha where the film keeps it.

    Of light of OpenEXR an EXR film gets what is multiplied by its cover, and other films straight colours.

    Args:
        cutouts: gives the frame's next, see `clip_cutouts`.
    """
    if picture.shape[2] == 4:
        if film.straight or film.format == "exr":
            return picture
        return np.concatenate([picture[..., :3] * picture[..., 3:], picture[..., 3:]], axis=2)
    if cutouts is None:
        return picture
    cutout = next(cutouts).scaled_to(picture.shape[:2])
    if not keeps_alpha(job, film):
        return seen_on_ground(picture, cutout, keeps_alpha=False, is_light=is_light(job))
    if is_light(job):
        light = linear_from_srgb(picture) * cutout.cover[..., None]
        if film.format != "exr":
            light = np.clip(unpremultiply(light, cutout.alpha), 0, 1)
        picture = srgb_from_linear(light)
    return np.concatenate([picture, cutout.alpha[..., None]], axis=2)


def seen(job: RenderJob, picture: Pixels, cutouts: Iterator[Cutout] | None) -> Pixels:
    """What a person sees of a frame of the job's film, or of its plate in the same way: RGB on the film's ground.

    Args:
        cutouts: gives the frame's next, see `clip_cutouts`.
    """
    if cutouts is None:
        return picture
    keeps = keeps_alpha(job, job.film)
    return seen_on_ground(picture, next(cutouts), keeps_alpha=keeps, is_light=is_light(job))


def is_light(job: RenderJob) -> bool:
    """Whether the clip holds light that is multiplied by its alpha."""
    return job.clip.codec == "exr"
