"""The methods that learn from the keys: the network alone, and ours with its open parts painted."""

from __future__ import annotations

import numpy as np

from benchmarks.keyframes.job import ShotJob
from deflicker.arrays import Image, Plane
from deflicker.keyframes import Frame, Key, carry_keys, lay_over
from deflicker.keyframes.painter import Painter, Sample


def network_alone(job: ShotJob) -> list[Image]:
    """The painter, trained as ours, but shown the photograph alone: no key is carried."""
    nothing = np.zeros(job.source[0].shape[:2], np.float32)
    painter = _learn(job, [nothing])
    blank = np.zeros_like(job.source[0])
    return [
        job.keys[at] if at in job.keys else painter.paint(here, blank, nothing)
        for at, here in enumerate(job.source)
    ]


def painted(job: ShotJob) -> list[Image]:
    """The keys carried, and what none of them shows painted as the painter has learnt."""
    keys = [Key(at, picture) for at, picture in job.keys.items()]
    frames = list(carry_keys(job.guides(), keys, range(len(job.source))))
    painter = _learn(job, [frame.known for frame in frames[:: max(1, len(frames) // 12)]])
    return [_filled(frame, painter, here) for frame, here in zip(frames, job.source, strict=True)]


def _learn(job: ShotJob, holes: list[Plane]) -> Painter:
    samples = [
        Sample(job.source[at], picture, [(picture, known) for known in holes])
        for at, picture in job.keys.items()
    ]
    return Painter.learn(samples)


def _filled(frame: Frame, painter: Painter, here: Image) -> Image:
    if frame.known.min() >= 1:
        return frame.picture
    return lay_over(painter.paint(here, frame.picture, frame.known), frame.picture, frame.known)
