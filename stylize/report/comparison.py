"""Finished frames beside the same frames steadied, as a film."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stylize.footage.clip import Frame
from stylize.jobs.encode import write
from stylize.jobs.films import FilmOutput
from stylize.jobs.job import RenderJob
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
            segment.read(STYLIZED, job.span),
            segment.read(segment.film_picture, job.span),
            strict=True,
        )
        for number, given, steadied in films:
            yield Frame(number, job.clip.pts_of(number), np.concatenate([given, steadied], axis=1))

    write(job, film, pairs(), overwrite)
