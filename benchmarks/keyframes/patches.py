"""Guided patch synthesis in the manner of EbSynth, to measure against only (the method is patented).

Each frame is put together from patches of the nearest key, chosen by a field of offsets that is sought at random
and from its neighbours, coarse to fine, so that the photographs under the patches look alike, lie where the flow
expects them, and agree with the frame synthesized before.
"""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.keyframes.job import ShotJob
from deflicker import DIS
from deflicker.arrays import Field, Image
from deflicker.warp import grid, resize_flow, warp

PATCH = 5
LEVELS, TURNS = 3, 4
PLACE = 2e-5
"""What a squared pixel away from the expected place costs, in squared differences."""
TEMPORAL = 0.5
"""The weight of agreement with the frame before, carried along."""


def patch_match(job: ShotJob) -> list[Image]:
    """The film, synthesized outwards from each key; a frame belongs to the key nearest in time."""
    film: dict[int, Image] = dict(job.keys)
    flow, rng = DIS(), np.random.default_rng(1)
    for key in job.keys:
        for direction in (1, -1):
            expected = np.zeros((*job.source[0].shape[:2], 2), np.float32)
            at = key + direction
            while 0 <= at < len(job.source) and job.nearest(at) == key:
                back = flow(job.source[at], job.source[at - direction])
                expected = cv2.add(back, warp(expected, back, smooth=False))
                before = warp(film[at - direction], back, smooth=False)
                film[at] = _synthesized(job, key, at, expected, before, rng)
                at += direction
    return [film[at] for at in range(len(job.source))]


def _synthesized(
    job: ShotJob, key: int, at: int, expected: Field, before: Image, rng: np.random.Generator
) -> Image:
    rows, columns = expected.shape[:2]
    found, drawn = expected, before
    for level in reversed(range(LEVELS)):
        size = (columns >> level, rows >> level)
        guides = [_small(picture, size) for picture in (job.source[at], job.source[key])]
        style, target = _small(job.keys[key], size), _small(before, size)
        aim = resize_flow(expected, size[1], size[0])
        found = _sought(guides, (target, style), resize_flow(found, size[1], size[0]), aim, rng)
        drawn = _voted(style, found)
    return drawn


def _sought(
    guides: list[Image], drawn: tuple[Image, Image], found: Field, aim: Field, rng: np.random.Generator
) -> Field:
    """The field of offsets after some turns of PatchMatch (Barnes et al., SIGGRAPH 2009), all points at once."""
    rows, columns = found.shape[:2]

    def cost(field: Field) -> Image:
        apart = sum(
            weight * ((warp(there, field, smooth=False) - here) ** 2).mean(axis=-1)
            for weight, here, there in ((1.0, *guides), (TEMPORAL, *drawn))
        )
        astray = ((field - aim) ** 2).sum(axis=-1) * np.float32(PLACE)
        return cv2.blur(np.asarray(apart + astray, np.float32), (PATCH, PATCH))

    least = cost(found)
    for turn in range(TURNS):
        reach = max(rows, columns) / 8 / 2**turn
        jumps = rng.uniform(-reach, reach, found.shape).astype(np.float32)
        step = 1 << (TURNS - 1 - turn)
        tries = [np.roll(found, shift, axis) for axis in (0, 1) for shift in (step, -step)]
        for tried in (*tries, found + jumps):
            try_cost = cost(tried)
            better = try_cost < least
            found = np.where(better[..., None], tried, found)
            least = np.where(better, try_cost, least)
    return found


def _voted(style: Image, found: Field) -> Image:
    """Each pixel is the mean of what the patches over it show."""
    rows, columns = found.shape[:2]
    places, half = np.rint(grid(rows, columns) + found).astype(int), PATCH // 2
    total = np.zeros_like(style)
    for down in range(-half, half + 1):
        for across in range(-half, half + 1):
            at = np.roll(places, (-down, -across), (0, 1)) - (
                across,
                down,
            )  # of the patch centred that far away
            total += style[at[..., 1].clip(0, rows - 1), at[..., 0].clip(0, columns - 1)]
    return total / np.float32(PATCH**2)


def _small(picture: Image, size: tuple[int, int]) -> Image:
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
