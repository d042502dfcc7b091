"""What a frame costs: seconds and memory, measured in a process of its own that holds nothing else."""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from stylize.config.resolved import ResolvedConfig
from stylize.footage.clip import Pixels, Shot
from stylize.system.machine import peak_of_this_process

FRAMES = 3


class DrawsFrames(Protocol):
    """A loaded generator."""

    def draw(self, plates: Sequence[Pixels], indices: Sequence[int], shot: Shot) -> list[Pixels]: ...


@dataclass(frozen=True)
class FrameCost:
    """Seconds a frame, the median of `FRAMES` after a first one, and the most bytes the process had resident."""

    seconds: float
    peak: int


def frame_cost(
    load: Callable[[ResolvedConfig], DrawsFrames], config: ResolvedConfig, plate: Pixels
) -> FrameCost:
    """Loads a generator in a fresh process and draws one plate a few times.

    Args:
        load: a function that can be pickled, such as `EdgeGenerator.load`; the process imports its module only.
        plate: (H, W, 3) float32 RGB in [0, 1].
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(_draw, load, config, plate).result()


def _draw(load: Callable[[ResolvedConfig], DrawsFrames], config: ResolvedConfig, plate: Pixels) -> FrameCost:
    generator, times = load(config), []
    for _ in range(1 + FRAMES):
        began = time.perf_counter()
        generator.draw([plate], [0], Shot(0, 1))
        times.append(time.perf_counter() - began)
    return FrameCost(statistics.median(times[1:]), peak_of_this_process())
