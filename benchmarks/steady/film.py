"""A film with everything known about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.steady.flicker import Flicker
from benchmarks.steady.scene import Array, Scene
from benchmarks.steady.takes import TAKES, Take


@dataclass(frozen=True)
class Film:
    """`source`, `clean` and `drawn` (clean with flicker): one frame each per moment."""

    source: list[Array]
    clean: list[Array]
    drawn: list[Array]
    shots: list[tuple[int, int]]
    scenes: list[Scene]

    def exact_flow(self, t: int, u: int) -> tuple[Array, NDArray[np.bool_]]:
        """Flow from frame t to u of one shot, and where it is visible in both."""
        for (start, end), shown in zip(self.shots, self.scenes, strict=True):
            if start <= t < end and start <= u < end:
                return shown.flow(t - start, u - start)
        raise ValueError(f"frames {t} and {u} lie in no one shot.")


def render(seed: int, frames: int, height: int, flicker: Flicker, take: Take = TAKES["pan"]) -> Film:
    """Renders `frames` frames of 16:9; every shot is another scene of the take's kind."""
    cut = frames if take.cut is None else round(frames * take.cut)
    shots = [(0, cut), (cut, frames)] if cut < frames else [(0, frames)]
    scenes = [take.build(seed * 10 + number, height) for number in range(len(shots))]
    shown = [(s, t) for s, (start, end) in zip(scenes, shots, strict=True) for t in range(end - start)]
    clean = [s.clean(t) for s, t in shown]
    drawn = [flicker.plant(frame, seed * 100_000, index) for index, frame in enumerate(clean)]
    return Film([s.source(t) for s, t in shown], clean, drawn, shots, scenes)
