"""How much flicker a film of finished frames had, how much is left, and what that cost in sharpness."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stylize.footage.clip import Pixels
from stylize.jobs.job import RenderJob
from stylize.jobs.specs.steadying import STYLIZED
from stylize.passes.base import PLATE

DISTANCES = (1, 8)
"""In frames: between neighbours lies what sparkles, farther apart what crawls."""
SAMPLES = 16
"""Moments that are measured at most, spread over the film."""
HEIGHT_PX = 384
"""Frames are measured at this height at most."""


@dataclass(frozen=True)
class Steadiness:
    """Mean squared warp errors x1000 along the source's motion (Lai et al., ECCV 2018), by distance in frames; none
    for a distance that no shot is long enough for. The photographed film's own is what no steadying goes below.
    """

    given: dict[int, float]
    steadied: dict[int, float]
    source: dict[int, float]
    sharpness: float
    """Of the steadied lines, as a share of the given ones."""

    def __str__(self) -> str:
        errors = "; ".join(
            f"{distance} apart {self.given[distance]:.2f} -> {self.steadied[distance]:.2f} "
            f"(the source {self.source[distance]:.2f})"
            for distance in self.given
        )
        return f"Warp error x1000, {errors}. Sharpness kept: {self.sharpness:.0%}."


def measure_steadiness(job: RenderJob) -> Steadiness | None:
    """Measures some moments of the film; None where no two frames are of one shot.

    The frames of the job, of finished frames to be steadied, must lie in its store: run it with `keep`.
    """
    from deflicker import metrics
    from deflicker.flow import DIS

    flow = DIS(HEIGHT_PX)
    errors: dict[int, list[list[float]]] = {distance: [] for distance in DISTANCES}
    sharp: list[float] = []
    for frames in _moments(job):
        first = frames[0]
        sharp.append(metrics.sharpness(first[1], first[0]))
        for distance, others in list(frames.items())[1:]:
            there, back = flow(first[2], others[2]), flow(others[2], first[2])
            seen = metrics.visible(there, back)
            pairs = zip(first, others, strict=True)
            errors[distance].append([1000 * metrics.warp_error(*pair, there, seen) for pair in pairs])
    if not sharp:
        return None
    means = {distance: np.mean(found, axis=0) for distance, found in errors.items() if found}
    given, steadied, source = (
        {distance: float(mean[which]) for distance, mean in means.items()} for which in range(3)
    )
    return Steadiness(given, steadied, source, float(np.mean(sharp)))


def _moments(job: RenderJob) -> Iterator[dict[int, list[Pixels]]]:
    """By distance from the moment's frame (0 is itself), the frame as given, as steadied and as photographed."""
    moments = list(_numbers(job))
    numbers = [number for moment in moments for number in moment.values()]
    segment = job.segments[0]
    names = (STYLIZED, segment.film_picture, PLATE)
    films = zip(*(segment.read(name, numbers) for name in names), strict=True)
    for moment in moments:
        yield {distance: [_small(frame) for frame in next(films)] for distance in moment}


def _numbers(job: RenderJob) -> Iterator[dict[int, int]]:
    """Frame numbers by distance, in ascending order throughout, so that each film is read once."""
    apart = max(max(DISTANCES) + 1, len(job.span) // SAMPLES)
    for shot in job.shots:
        for first in range(shot.start, shot.end - 1, apart):
            reach = [0, *(distance for distance in DISTANCES if first + distance < shot.end)]
            yield {distance: first + distance for distance in reach}


def _small(frame: Pixels) -> Pixels:
    from deflicker.resize import reduced

    return np.asarray(reduced(frame, min(1.0, HEIGHT_PX / frame.shape[0])), np.float32)
