"""What a method costs: milliseconds a frame and peak memory, each in a process of its own."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import overload

import cv2
import numpy as np

from benchmarks.steady.baselines import METHODS, Job
from benchmarks.steady.scene import Array


class Reel(Sequence[Array]):
    """8-bit frames in a file, read one at a time."""

    def __init__(self, path: Path, count: int, height: int, width: int) -> None:
        self._path, self._count, self._shape = path, count, (height, width, 3)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Array: ...
    @overload
    def __getitem__(self, index: slice) -> list[Array]: ...
    def __getitem__(self, index: int | slice) -> Array | list[Array]:
        if isinstance(index, slice):
            return [self[n] for n in range(*index.indices(self._count))]
        if not 0 <= index < self._count:
            raise IndexError(index)
        size = int(np.prod(self._shape))
        frame = np.fromfile(self._path, np.uint8, size, offset=index * size)
        return frame.reshape(self._shape).astype(np.float32) / 255


def costs(
    drawn: Sequence[Array], source: Sequence[Array], height: int, threads: int, methods: Sequence[str]
) -> dict[str, tuple[float, float]]:
    """Per method: ms a frame, and MiB at the peak beyond what the process held before.

    Args:
        drawn, source: the film, one shot, of any size; enlarged to `height` rows of 16:9.
        methods: names of `METHODS`.
    """
    width = height * 16 // 9
    with tempfile.TemporaryDirectory() as folder:
        reels = []
        for name, frames in (("drawn", drawn), ("source", source)):
            path = Path(folder) / name
            with path.open("wb") as file:
                for frame in frames:
                    large = cv2.resize(frame, (width, height), interpolation=cv2.INTER_CUBIC)
                    file.write(np.rint(large * 255).clip(0, 255).astype(np.uint8).tobytes())
            reels.append(Reel(path, len(frames), height, width))
        job = Job(reels[0], reels[1], [(0, len(drawn))])
        found = {}
        for name in methods:
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                found[name] = pool.apply(_measure, (name, job, threads))
        return found


def _measure(name: str, job: Job, threads: int) -> tuple[float, float]:
    cv2.setNumThreads(threads)
    cv2.GaussianBlur(job.drawn[0][:64, :64], (0, 0), 2.0)  # what OpenCV allocates once is not the method's
    before, began = _peak_mib(), time.perf_counter()
    count = 0
    for _ in METHODS[name](job):
        count += 1
    return 1e3 * (time.perf_counter() - began) / count, _peak_mib() - before


def _peak_mib() -> float:
    """The largest resident size so far of this process and of those it has waited for (ffmpeg)."""
    unit = 2**20 if sys.platform == "darwin" else 2**10
    own, waited = (
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return (own + waited) / unit
