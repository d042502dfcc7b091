"""Finished frames beside the same frames steadied, as a film."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stylize.footage.clip import Frame, Pixels
from stylize.jobs.encode import write
from stylize.jobs.films import FilmOutput
from stylize.jobs.job import RenderJob, Segment
from stylize.jobs.shown import clip_cutouts, seen
from stylize.jobs.specs.steadying import STYLIZED


def write_comparison(job: RenderJob, film: FilmOutput, overwrite: bool = False) -> None:
    """Writes the finished film beside the steadied one, left and right, at its times and with its sound.

    The frames of the job, of finished frames to be steadied, must lie in its store: run it with `keep`.

    Raises:
        UsageError, OutputError: as `footage.write_film`.
    """
    segment = job.segments[0]

    def pairs() -> Iterator[Frame]:
        films = zip(
            job.span,
            _seen_all(job, segment, STYLIZED),
            _seen_all(job, segment, segment.film_picture),
            strict=True,
        )
        for number, given, steadied in films:
            yield Frame(number, job.clip.pts_of(number), np.concatenate([given, steadied], axis=1))

    write(job, film, pairs(), overwrite)


def _seen_all(job: RenderJob, segment: Segment, name: str) -> Iterator[Pixels]:
    """Pictures of that name on the film's ground."""
    cutouts = clip_cutouts(job, segment, job.film, job.span)
    for picture in segment.read(name, job.span):
        yield seen(job, picture, cutouts)
