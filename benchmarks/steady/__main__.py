"""python -m benchmarks.steady: the table of what is removed, what is lost, and what it costs."""

from __future__ import annotations

import argparse

import cv2
import numpy as np

from benchmarks.steady.baselines import METHODS, Job, exact_flow_bound
from benchmarks.steady.cost import costs
from benchmarks.steady.film import Film, render
from benchmarks.steady.flicker import Flicker
from benchmarks.steady.score import Judge
from benchmarks.steady.takes import TAKES

KINDS = ("all", "colour", "texture", "shift", "pops", "bias", "none")
GRAIN = 1 / 255
"""What a film without flicker still has: the noise of its coding."""
COSTED = 80
"""Frames of the film that is timed: the steadying window is full after 37 and drops frames from 66 on."""
Row = dict[str, float]


def rows(film: Film) -> dict[str, Row]:
    """Every method's scores on one film."""
    judge, job = Judge(film), Job(film.drawn, film.source, film.shots)
    found = {"clean (the floor)": judge.score(film.clean)}
    for name, method in METHODS.items():
        found[name] = judge.score(list(method(job)))
    found["ours, exact flow"] = judge.score(list(exact_flow_bound(film)))
    return found


def planted(kind: str) -> Flicker:
    """The flicker of a kind; "none" leaves a film with grain alone."""
    if kind == "all":
        return Flicker()
    if kind == "none":
        return Flicker(0, 0, 0, 0, GRAIN, 0, 0, 0)
    return Flicker().only(kind)


def show(title: str, table: dict[str, Row]) -> None:
    print(f"\n{title}")
    for number, (name, row) in enumerate(table.items()):
        if number == 0:
            print(f"{'':20}" + "".join(f"{key:>9}" for key in row))
        print(f"{name:20}" + "".join(f"{value:9.2f}" for value in row.values()), flush=True)


def mean(tables: list[dict[str, Row]]) -> dict[str, Row]:
    return {
        name: {key: float(np.mean([table[name][key] for table in tables])) for key in row}
        for name, row in tables[0].items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.steady", description=__doc__)
    parser.add_argument("--takes", nargs="*", choices=list(TAKES), default=list(TAKES))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--height", type=int, default=288)
    parser.add_argument("--plant", choices=KINDS, default="all", help="one kind of flicker alone, or none")
    parser.add_argument("--threads", type=int, default=2, help="for OpenCV")
    parser.add_argument(
        "--cost", type=int, nargs="*", default=[288], metavar="HEIGHT", help="time these sizes"
    )
    parser.add_argument(
        "--timed", nargs="+", choices=list(METHODS), default=list(METHODS), help="the methods to time"
    )
    args = parser.parse_args()
    cv2.setNumThreads(args.threads)
    flicker, width = planted(args.plant), args.height * 16 // 9
    print(
        f"{width} x {args.height}, {args.frames} frames, seeds {args.seeds}, planted: {args.plant}; "
        f"{args.threads} threads\nE: exact-flow warp error x 1000; tOF in px; drift below and above 3 Hz x 1e6;\n"
        "occl.: squared error x 1000 where a neighbouring frame hides; sharp, lines, PSNR: against the truth"
    )
    tables: dict[bool, list[dict[str, Row]]] = {False: [], True: []}
    for name in args.takes:
        take = TAKES[name]
        mine = [rows(render(seed, args.frames, args.height, flicker, take)) for seed in args.seeds]
        tables[take.scoring] += mine
        show(f"{name} ({'scoring' if take.scoring else 'tuning'}): {take.build.__doc__}", mean(mine))
    for scoring, title in ((False, "ALL TUNING TAKES"), (True, "ALL SCORING TAKES")):
        if tables[scoring]:
            show(title, mean(tables[scoring]))
    for height in args.cost:
        film = render(1, COSTED, min(288, height), flicker, TAKES["stage"])
        found = costs(film.drawn, film.source, height, args.threads, args.timed)
        table = {name: {"ms": ms, "peak MiB": peak} for name, (ms, peak) in found.items()}
        show(f"cost at {height * 16 // 9} x {height}", table)


if __name__ == "__main__":
    main()
