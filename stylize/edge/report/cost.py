"""What a frame costs: seconds and memory, in a process of its own that holds nothing else."""

from __future__ import annotations

import multiprocessing
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from stylize.config.resolved import ResolvedConfig
from stylize.footage.clip import Pixels, Shot
from stylize.system.machine import peak_of_this_process

FRAMES = 3


@dataclass(frozen=True)
class Cost:
    """Seconds of a frame, the median of a few after a first one, and the process's most bytes resident."""

    seconds: float
    peak: int


def cost_of(config: ResolvedConfig, plate: Pixels) -> Cost:
    """Draws a plate a few times as `look` says."""
    alone = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=alone) as pool:
        return pool.submit(_draw, config, plate).result()


def _draw(config: ResolvedConfig, plate: Pixels) -> Cost:
    from stylize.generators.load import load_generator

    generator, times = load_generator(config), []
    for _ in range(1 + FRAMES):
        began = time.perf_counter()
        generator.draw([plate], [0], Shot(0, 1))
        times.append(time.perf_counter() - began)
    return Cost(statistics.median(times[1:]), peak_of_this_process())
