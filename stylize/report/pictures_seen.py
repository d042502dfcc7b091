"""The pictures of a finished job, small: what was photographed, and what the film shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from deflicker.prefetch import prefetch
from stylize import footage
from stylize.footage.clip import Clip, Pixels
from stylize.jobs.job import RenderJob, Segment
from stylize.jobs.shown import clip_cutouts, cutouts_of_film, keeps_alpha, seen
from stylize.jobs.specs.steadying import STYLIZED
from stylize.passes.base import PLATE
from stylize.passes.repair import RepairPass
from stylize.passes.steady import SteadyPass
from stylize.report.flicker import reduce_height

AREA_PX = 720 * 405
"""How large pictures are on a page at most."""
FILM_FILES = ("mp4", "prores")


def page_size(clip: Clip) -> tuple[int, int]:
    """(width, height) px of a clip's pictures on a page: square pixels, even sides, never enlarged."""
    width, height = clip.width * float(clip.pixel_aspect), float(clip.height)
    scale = min(1.0, (AREA_PX / (width * height)) ** 0.5)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


@dataclass(frozen=True)
class Seen:
    """One frame: its number, and its pictures by name from the source on.

    `pictures` lie on the ground that the film has, or on checks where it is cut out. `drawn_on` is that of them
    which is footage, on the ground on which it is drawn and measured.
    """

    number: int
    pictures: dict[str, Pixels]
    drawn_on: dict[str, Pixels]


def look(job: RenderJob, size: tuple[int, int]) -> Iterator[Seen]:
    """Every frame of a job in order: `source`, `given` where finished frames were steadied, and `film`.

    The film is read from its file. Where that is an image sequence or cut out, its frames are read from the store,
    in which they must still lie: they are as the film shows them, whatever its files hold.
    """
    is_read = job.film.format in FILM_FILES and not keeps_alpha(job, job.film)
    whole = footage.probe(job.film.path) if is_read else None
    for segment in job.segments:
        numbers = segment.span
        streams = {"source": _source(segment, PLATE, numbers, size)}
        if STYLIZED in segment.sources:
            streams["given"] = _source(segment, STYLIZED, numbers, size)
        if whole is not None:
            shown = [number - job.span.start for number in numbers]
            streams["film"] = (frame.pixels for frame in footage.pick_reduced(whole, shown, size))
        else:
            streams["film"] = _of_store(job, segment, size)
        side_by_side = (prefetch(stream) for stream in streams.values())
        cutouts = clip_cutouts(job, segment, job.film, numbers)
        for number, *pictures in zip(numbers, *side_by_side, strict=True):
            drawn_on = dict(zip(streams, pictures, strict=True))
            film = drawn_on.pop("film")
            cutout = None if cutouts is None else next(cutouts)
            on_ground = {
                name: picture if cutout is None else seen(job, picture, iter([cutout]))
                for name, picture in drawn_on.items()
            }
            yield Seen(number, {**on_ground, "film": film}, drawn_on)


def _source(segment: Segment, name: str, numbers: Sequence[int], size: tuple[int, int]) -> Iterator[Pixels]:
    source = segment.sources[name]
    own = [number - source.first for number in numbers]
    return (frame.pixels for frame in footage.pick_reduced(source.clip, own, size))


def _of_store(job: RenderJob, segment: Segment, size: tuple[int, int]) -> Iterator[Pixels]:
    """A segment's part of the film at a size, on the film's ground."""
    import cv2

    cutouts = cutouts_of_film(job, segment, job.film)
    for picture in segment.read(segment.film_picture, segment.span):
        small = np.clip(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), 0, 1, dtype=np.float32)
        yield seen(job, small, cutouts)


@dataclass(frozen=True)
class Compared:
    """Which frames of a segment are measured for flicker, and its pictures by their name in the report."""

    numbers: frozenset[int]
    pictures: dict[str, str]


def compared(segment: Segment) -> Compared:
    """Its drawings before and after they are repaired and steadied; where neither is done, the film.

    Where flats and ink are finished between the two, drawings are taken after that: only like can be compared.
    """
    repair = next((step for step in segment.passes if isinstance(step, RepairPass)), None)
    steady = next((step for step in segment.passes if isinstance(step, SteadyPass)), None)
    first, last = repair or steady, steady or repair
    numbers = frozenset(segment.sheet.drawings)
    if first is None or last is None:
        return Compared(numbers, {"drawn": segment.film_picture})
    is_next = repair is None or last.before == repair.name
    return Compared(numbers, {"drawn": first.before if is_next else last.before, "steady": last.name})


def small_picture(segment: Segment, name: str, number: int, height_px: int) -> Pixels:
    """A picture of a segment at one frame, reduced."""
    picture = next(segment.read(name, [number]))
    return reduce_height(picture[..., :3], height_px)
