"""python -m benchmarks.steady: the table of what is removed, what is lost, and what it costs."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator

import cv2
import numpy as np

from benchmarks.steady.film import Film, render
from benchmarks.steady.flicker import Flicker
from deflicker import DIS, Steady, metrics, steady
from deflicker.arrays import Image
from deflicker.track import confidence, extend, step
from deflicker.warp import warp

Method = Callable[[Film], Iterator[Image]]


def clean(film: Film) -> Iterator[Image]:
    yield from film.clean


def flickering(film: Film) -> Iterator[Image]:
    yield from film.drawn


def aligned_mean(film: Film) -> Iterator[Image]:
    """ffmpeg's tmix over five frames, its lag taken out; walls at cuts."""
    for start, end in film.shots:
        for t in range(start, end):
            near = film.drawn[max(start, t - 2) : min(end, t + 3)]
            yield np.asarray(np.mean(near, axis=0), np.float32)


def compensated_mean(film: Film) -> Iterator[Image]:
    """The neighbours of `Steady().offsets`, carried by the same tracks as ours, averaged by confidence."""
    flow = DIS()
    for start, end in film.shots:
        steps = {}
        for t in range(start, end - 1):
            here, there = film.source[t], film.source[t + 1]
            forward, backward = flow(here, there), flow(there, here)
            steps[t, 1], steps[t + 1, -1] = step(forward, backward), step(backward, forward)
        for t in range(start, end):
            total, weight = film.drawn[t].copy(), np.ones((*film.drawn[t].shape[:2], 1), np.float32)
            for direction in (-1, 1):
                track = None
                for distance in range(1, max(Steady().offsets) + 1):
                    u = t + direction * distance
                    if not start <= u < end:
                        break
                    following = steps[u - direction, direction]
                    track = following if track is None else extend(track, following)
                    if distance in Steady().offsets:
                        sure = confidence(track, film.source[t], film.source[u])[..., None]
                        total += sure * warp(film.drawn[u], track[..., :2])
                        weight += sure
            yield total / weight


def ours(film: Film) -> Iterator[Image]:
    yield from steady(film.drawn, film.source, film.shots)


def ours_near(film: Film) -> Iterator[Image]:
    """A lookaround of 8 instead of 12, and six neighbours instead of eight."""
    settings = Steady(offsets=(1, 2, 4), colour_offsets=(1, 2, 4))
    yield from steady(film.drawn, film.source, film.shots, settings)


METHODS: dict[str, Method] = {
    "clean (the floor)": clean,
    "flickering input": flickering,
    "aligned mean of 5": aligned_mean,
    "compensated mean": compensated_mean,
    "steady (1, 2, 4)": ours_near,
    "steady": ours,
}


def score(film: Film, frames: list[Image]) -> dict[str, float]:
    """Every number of a row, but the time."""
    row = {}
    for k in (1, 8):
        errors = [
            metrics.warp_error(frames[t], frames[t + k], *film.exact_flow(t, t + k))
            for start, end in film.shots
            for t in range(start, end - k)
        ]
        row[f"E k={k}"] = 1e3 * float(np.mean(errors))
    pairs = list(zip(frames, film.clean, strict=True))
    error = float(np.mean([np.mean((a - b) ** 2) for a, b in pairs]))
    row["PSNR"] = float("inf") if error == 0 else -10 * float(np.log10(error))
    row["sharp"] = float(np.mean([metrics.sharpness(*pair) for pair in pairs]))
    row["lines"] = float(np.mean([metrics.likeness_of_lines(*pair) for pair in pairs]))
    row["drift"] = 1e3 * float(np.mean([metrics.drift(frames.__getitem__, shot) for shot in film.shots]))
    return row


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.steady", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--height", type=int, default=288)
    parser.add_argument("--no-flicker", action="store_true", help="what is lost of a film that needs nothing")
    args = parser.parse_args()
    flicker = Flicker(0, 0, 0, 0, 0, 0) if args.no_flicker else Flicker()
    films = [render(seed, args.frames, args.height, flicker) for seed in args.seeds]
    height, width = films[0].source[0].shape[:2]
    print(
        f"{width} x {height}, {args.frames} frames with a cut, seeds {args.seeds}; "
        f"{cv2.getNumThreads()} threads\n"
        "E: exact-flow warp error x 1000; drift x 1000; sharp and lines against the clean film\n"
    )
    for name, method in METHODS.items():
        rows = []
        for film in films:
            began = time.perf_counter()
            frames = list(method(film))
            seconds = (time.perf_counter() - began) / len(frames)
            rows.append(score(film, frames) | {"ms": 1e3 * seconds})
        mean = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
        if name == next(iter(METHODS)):
            print(f"{'':20}" + "".join(f"{key:>9}" for key in mean))
        print(f"{name:20}" + "".join(f"{value:9.2f}" for value in mean.values()), flush=True)


if __name__ == "__main__":
    main()
