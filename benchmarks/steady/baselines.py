"""What the table compares: the truth, the input, what artists use, ours, and ours with perfect flow."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import imageio_ffmpeg
import numpy as np

from benchmarks.steady.film import Film
from benchmarks.steady.scene import Scene
from deflicker import DIS, SteadySettings, steady
from deflicker.arrays import Field, Image
from deflicker.track import confidence, extend, step
from deflicker.warp import warp


@dataclass(frozen=True)
class Job:
    """What every method is given: drawings, photographs, and where the shots are."""

    drawn: Sequence[Image]
    source: Sequence[Image]
    shots: list[tuple[int, int]]


Method = Callable[[Job], Iterator[Image]]


def untouched(job: Job) -> Iterator[Image]:
    yield from job.drawn


def aligned_tmix(job: Job) -> Iterator[Image]:
    """ffmpeg's tmix over five frames, its lag taken out; walls at cuts."""
    for start, end in job.shots:
        for t in range(start, end):
            near = [job.drawn[u] for u in range(max(start, t - 2), min(end, t + 3))]
            yield np.asarray(np.mean(near, axis=0), np.float32)


def ffmpeg_deflicker(job: Job) -> Iterator[Image]:
    """ffmpeg's deflicker, size 5, its arithmetic mean: global luma only."""
    height, width = job.drawn[0].shape[:2]
    video = ["-f", "rawvideo", "-pix_fmt", "rgb24"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *video, "-s", f"{width}x{height}", "-i", "-"]
    command += ["-vf", "format=yuv444p,deflicker=size=5:mode=am", *video, "-"]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as made:
        for frame in job.drawn:
            given.write(np.rint(frame * 255).clip(0, 255).astype(np.uint8).tobytes())
        given.seek(0)
        subprocess.run(command, stdin=given, stdout=made, check=True)
        made.seek(0)
        for _ in job.drawn:
            frame = np.frombuffer(made.read(height * width * 3), np.uint8).reshape(height, width, 3)
            yield frame.astype(np.float32) / 255


def compensated_mean(job: Job) -> Iterator[Image]:
    """The neighbours of `SteadySettings().offsets`, carried by the same tracks as ours, averaged by confidence."""
    flow, offsets = DIS(), SteadySettings().offsets
    for start, end in job.shots:
        steps = {}
        for t in range(start, end):
            for u in range(max(start, t - max(offsets)), min(end, t + max(offsets) + 1) - 1):
                if (u, 1) not in steps:
                    here, there = job.source[u], job.source[u + 1]
                    forward, backward = flow(here, there), flow(there, here)
                    steps[u, 1], steps[u + 1, -1] = step(forward, backward), step(backward, forward)
            for key in [key for key in steps if key[0] < t - max(offsets)]:
                del steps[key]
            total = job.drawn[t].copy()
            weight = np.ones((*total.shape[:2], 1), np.float32)
            for direction in (-1, 1):
                track = None
                for distance in range(1, max(offsets) + 1):
                    u = t + direction * distance
                    if not start <= u < end:
                        break
                    following = steps[u - direction, direction]
                    track = following if track is None else extend(track, following)
                    if distance in offsets:
                        sure = confidence(track, job.source[t], job.source[u])[..., None]
                        total += sure * warp(job.drawn[u], track[..., :2])
                        weight += sure
            yield total / weight


def ours(job: Job) -> Iterator[Image]:
    yield from steady(job.drawn, job.source, job.shots)


METHODS: dict[str, Method] = {
    "flickering input": untouched,
    "aligned tmix 5": aligned_tmix,
    "ffmpeg deflicker": ffmpeg_deflicker,
    "compensated mean": compensated_mean,
    "steady (ours)": ours,
}


class ExactFlow:
    """The flow that the scene was rendered with, found again by the frames' pixels."""

    def __init__(self, scene: Scene, source: Sequence[Image]) -> None:
        self._scene = scene
        self._frames = {_key(frame): index for index, frame in enumerate(source)}

    def __call__(self, here: Image, there: Image) -> Field:
        t, u = self._frames[_key(here)], self._frames[_key(there)]
        return self._scene.flow(t, u)[0]


def _key(frame: Image) -> bytes:
    return np.rint(frame * 255).astype(np.uint8).tobytes()


def exact_flow_bound(film: Film) -> Iterator[Image]:
    """Ours, if only the optical flow were perfect. The film must not be taller than the draft."""
    for (start, end), scene in zip(film.shots, film.scenes, strict=True):
        drawn, source = film.drawn[start:end], film.source[start:end]
        yield from steady(drawn, source, [(0, end - start)], flow=ExactFlow(scene, source))
