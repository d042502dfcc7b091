"""Measures how long the backends of this machine take for a frame."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from stylize.config.resolved import ResolvedConfig
from stylize.edge.library import ExportKey
from stylize.events import ReportProgress
from stylize.footage.clip import Pixels, Shot
from stylize.generators.backends import Backend, backends_of, config_on
from stylize.generators.base import FrameGenerator
from stylize.generators.load import load_generator
from stylize.generators.timings_cache import write_timings

ROUNDS = 3
"""Frames that every backend draws. The first of them warms up and does not count."""


def time_backends(config: ResolvedConfig, key: ExportKey, report_progress: ReportProgress) -> list[Backend]:
    """Times a frame on every backend that has no fault, and keeps the times for this machine.

    The backends take turns, so that other work on the machine slows all of them alike.

    Args:
        config: as torch would draw it.
    """
    backends = backends_of(key)
    plate = np.random.default_rng(0).random((config.size, config.size, 3), np.float32)
    generators = {
        backend: load_generator(config_on(config, backend)) for backend in backends if backend.fault is None
    }
    times: dict[Backend, list[float]] = {backend: [] for backend in generators}
    for turn in range(ROUNDS):
        for backend, generator in generators.items():
            report_progress("measure", f"{backend.name}, frame {turn + 1} of {ROUNDS}")
            times[backend].append(_time(generator, plate))
    seconds = {backend: round(min(each[1:]), 4) for backend, each in times.items()}
    write_timings(key, {(backend.name, backend.folder): each for backend, each in seconds.items()})
    return [replace(backend, seconds=seconds.get(backend)) for backend in backends]


def _time(generator: FrameGenerator, plate: Pixels) -> float:
    began = time.perf_counter()
    generator.draw([plate], [0], Shot(0, 1))
    return time.perf_counter() - began
