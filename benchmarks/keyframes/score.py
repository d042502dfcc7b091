"""Every number of a row of the table, but time."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from benchmarks.keyframes.job import ShotJob
from benchmarks.steady.film import Film
from deflicker import metrics
from deflicker.arrays import Image, Plane, luma8
from deflicker.warp import warp

WIDE = 8
"""The longer of the two distances, in frames, at which the warp error is measured."""
AROUND = 4
"""So many steps on each side of a key are the steps around it."""


def score(film: Film, jobs: Sequence[ShotJob], frames: Sequence[Image]) -> dict[str, float]:
    """Errors to the drawn truth without the keys' own frames, and change over time.

    PSNR is that of the mean squared error; `hidden` is 1000 x the mean squared error of what no key shows, `seen`
    PSNR of the rest; `pop` the largest step across a key over the mean of those around it; `key` the largest error
    of a key's own frame in 8-bit levels.
    """
    errors: list[float] = []
    seen: list[float] = []
    hidden: list[float] = []
    shapes: dict[str, list[float]] = {"sharp": [], "lines": [], "SSIM": []}
    exact, pops, warps = 0.0, [0.0], {1: [0.0], WIDE: [0.0]}
    for (start, end), job in zip(film.shots, jobs, strict=True):
        steps = {k: [_change(film, frames, t, t + k) for t in range(start, end - k)] for k in warps}
        for k, changes in steps.items():
            warps[k] += changes
        pops += [_pop(steps[1], key) for key in job.keys]
        for t in range(start, end):
            picture, truth = frames[t], film.clean[t]
            if t - start in job.keys:
                exact = max(exact, 255 * float(np.abs(picture - truth).max()))
                continue
            error = ((picture - truth) ** 2).mean(axis=-1)
            shown = np.any([film.exact_flow(t, start + key)[1] for key in job.keys], axis=0)
            errors.append(float(error.mean()))
            seen.append(float(error[shown].mean()))
            hidden += [float(error[~shown].mean())] if not shown.all() else []
            shapes["sharp"].append(metrics.sharpness(picture, truth))
            shapes["lines"].append(metrics.likeness_of_lines(picture, truth))
            shapes["SSIM"].append(similarity(picture, truth))
    row = {"PSNR": _decibels(errors), "seen": _decibels(seen), "hidden": 1e3 * float(np.mean(hidden or [0]))}
    row |= {name: float(np.mean(values)) for name, values in shapes.items()}
    row |= {f"E k={k}": 1e3 * float(np.mean(changes[1:])) for k, changes in warps.items()}
    return row | {"pop": max(pops), "key": exact}


def similarity(picture: Image, truth: Image) -> float:
    """SSIM of the luma (Wang et al., 2004), windows of 1.5 px deviation."""
    one, other = (luma8(each).astype(np.float32) for each in (picture, truth))

    def mean(values: Plane) -> Plane:
        return cv2.GaussianBlur(values, (0, 0), 1.5)

    means = mean(one), mean(other)
    spreads = [mean(each * each) - m * m for each, m in zip((one, other), means, strict=True)]
    both = mean(one * other) - means[0] * means[1]
    first, second = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    ratio = (2 * means[0] * means[1] + first) * (2 * both + second)
    return float((ratio / ((means[0] ** 2 + means[1] ** 2 + first) * (sum(spreads) + second))).mean())


def _change(film: Film, frames: Sequence[Image], t: int, u: int) -> float:
    """The mean squared change from frame t to u along the exact motion, beyond what moves in the truth itself."""
    flow, shown = film.exact_flow(t, u)
    moved = (warp(frames[u], flow) - frames[t])[shown]
    return float((moved**2).mean()) if shown.any() else 0.0


def _pop(steps: Sequence[float], key: int) -> float:
    """The largest step to or from a key's frame, over the mean of those around it; as roots of squares."""
    across = [steps[at] for at in (key - 1, key) if 0 <= at < len(steps)]
    places = [*range(key - 1 - AROUND, key - 1), *range(key + 1, key + 1 + AROUND)]
    around = [steps[at] for at in places if 0 <= at < len(steps)]
    return float(np.sqrt(max(across)) / np.sqrt(np.mean(around))) if across and around else 0.0


def _decibels(errors: Sequence[float]) -> float:
    return -10 * float(np.log10(max(float(np.mean(errors)), 1e-10)))
