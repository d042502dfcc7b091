"""What every method is given: the photographs of a shot, and a few of its drawings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.steady.film import Film
from deflicker.anchor import Guide
from deflicker.arrays import Image


@dataclass(frozen=True)
class ShotJob:
    """`source[t]` are the photographs of one shot, `keys[t]` the drawings that are given of some of them."""

    source: list[Image]
    keys: dict[int, Image]

    def guides(self) -> dict[int, Guide]:
        """The photographs in 8 bits."""
        return {at: np.rint(frame * 255).astype(np.uint8) for at, frame in enumerate(self.source)}

    def nearest(self, at: int) -> int:
        """The number of the key nearest in time."""
        return min(self.keys, key=lambda key: abs(key - at))

    def around(self, at: int) -> list[int]:
        """The last key up to a frame and the first one from it on, as far as there are such."""
        before, after = [key for key in self.keys if key <= at], [key for key in self.keys if key >= at]
        return sorted({*before[-1:], *after[:1]})


Method = Callable[[ShotJob], list[Image]]


def jobs_of(film: Film, count: int) -> list[ShotJob]:
    """A job for each shot, with so many keys spread evenly over it."""
    jobs = []
    for start, end in film.shots:
        numbers = sorted({round((n + 0.5) * (end - start) / count - 0.5) for n in range(count)})
        keys = {at: film.clean[start + at] for at in numbers}
        jobs.append(ShotJob(film.source[start:end], keys))
    return jobs
