"""What ours is measured against."""

from __future__ import annotations

import numpy as np

from benchmarks.keyframes.job import Method, ShotJob
from benchmarks.keyframes.learnt import network_alone, painted
from benchmarks.keyframes.patches import patch_match
from deflicker import DIS
from deflicker.arrays import Image
from deflicker.keyframes import Key, carry_keys
from deflicker.track import Track, confidence, extend, step
from deflicker.warp import warp


def nearest_direct(job: ShotJob) -> list[Image]:
    """The nearest key, warped along the flow searched between its photograph and the frame's."""
    flow, film = DIS(), []
    for at, here in enumerate(job.source):
        key = job.nearest(at)
        film.append(job.keys[key] if key == at else _warped(job, key, flow(here, job.source[key])))
    return film


def nearest_chained(job: ShotJob) -> list[Image]:
    """The nearest key, warped along the flow chained frame by frame."""
    tracks = _tracks(job)
    return [
        _warped(job, job.nearest(at), tracks[at, job.nearest(at)][..., :2]) for at in range(len(job.source))
    ]


def blend_of_two(job: ShotJob) -> list[Image]:
    """The keys before and after, warped along the chained flow, mixed by nearness in time and confidence."""
    tracks, film = _tracks(job), []
    for at, here in enumerate(job.source):
        total, weight = np.zeros_like(here), np.zeros((*here.shape[:2], 1), np.float32)
        for key in job.around(at):
            track = tracks[at, key]
            sure = confidence(track, here, job.source[key])[..., None] + np.float32(1e-4)
            near = np.float32(1 / (0.01 + abs(at - key)))
            total += near * sure * _warped(job, key, track[..., :2])
            weight += near * sure
        film.append(total / weight)
    return film


def ours(job: ShotJob) -> list[Image]:
    """`deflicker.keyframes.carry_keys`."""
    keys = [Key(at, picture) for at, picture in job.keys.items()]
    return [frame.picture for frame in carry_keys(job.guides(), keys, range(len(job.source)))]


METHODS: dict[str, Method] = {
    "nearest, direct": nearest_direct,
    "nearest, chained": nearest_chained,
    "blend of two": blend_of_two,
    "patch match": patch_match,
    "network alone": network_alone,
    "carried (ours)": ours,
    "and painted (ours)": painted,
}


def _warped(job: ShotJob, key: int, flow: Image) -> Image:
    return np.clip(warp(job.keys[key], np.ascontiguousarray(flow)), 0, 1)


def _tracks(job: ShotJob) -> dict[tuple[int, int], Track]:
    """From each frame to each key: the steps to the frame before, and from there on."""
    flow, rows, columns = DIS(), *job.source[0].shape[:2]
    steps = {}
    for at in range(len(job.source) - 1):
        here, there = job.source[at], job.source[at + 1]
        forward, backward = flow(here, there), flow(there, here)
        steps[at, at + 1], steps[at + 1, at] = step(forward, backward), step(backward, forward)
    tracks = {(key, key): np.zeros((rows, columns, 3), np.float32) for key in job.keys}
    for key in job.keys:
        for at in range(key + 1, len(job.source)):
            tracks[at, key] = extend(steps[at, at - 1], tracks[at - 1, key])
        for at in range(key - 1, -1, -1):
            tracks[at, key] = extend(steps[at, at + 1], tracks[at + 1, key])
    return tracks
