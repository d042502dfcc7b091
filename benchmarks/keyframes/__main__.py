"""python -m benchmarks.keyframes: keys of rendered takes, carried through their shots."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np

from benchmarks.keyframes.baselines import METHODS
from benchmarks.keyframes.job import ShotJob, jobs_of
from benchmarks.keyframes.score import score
from benchmarks.steady.film import Film, render
from benchmarks.steady.flicker import Flicker
from benchmarks.steady.takes import TAKES
from deflicker.arrays import Image


def rows(
    film: Film, jobs: list[ShotJob], methods: list[str], sheet: Path | None
) -> dict[str, dict[str, float]]:
    """Every method's scores on one film; `sheet`: a picture of its worst frame by each method."""
    found, films = {}, {}
    for name in methods:
        began = time.perf_counter()
        films[name] = [frame for job in jobs for frame in METHODS[name](job)]
        seconds = (time.perf_counter() - began) / len(film.clean)
        found[name] = score(film, jobs, films[name]) | {"s/frame": seconds}
    if sheet is not None:
        write_sheet(sheet, film, films)
    return found


def write_sheet(path: Path, film: Film, films: dict[str, list[Image]]) -> None:
    """The frame at which the last method errs most: photograph, truth and every method, at full size."""
    last = list(films)[-1]
    errors = [float(np.mean((a - b) ** 2)) for a, b in zip(films[last], film.clean, strict=True)]
    worst = int(np.argmax(errors))
    tiles = [film.source[worst], film.clean[worst], *(frames[worst] for frames in films.values())]
    tiles += [np.ones_like(tiles[0])] * (len(tiles) % 2)
    picture = np.vstack([np.hstack(tiles[at : at + 2]) for at in range(0, len(tiles), 2)])
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(
        str(path), cv2.cvtColor(np.rint(picture * 255).clip(0, 255).astype(np.uint8), cv2.COLOR_RGB2BGR)
    )


def show(title: str, table: dict[str, dict[str, float]]) -> None:
    print(f"\n{title}")
    for number, (name, row) in enumerate(table.items()):
        if number == 0:
            print(f"{'':20}" + "".join(f"{key:>9}" for key in row))
        print(f"{name:20}" + "".join(f"{value:9.2f}" for value in row.values()), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.keyframes", description=__doc__)
    parser.add_argument("--takes", nargs="*", choices=list(TAKES), default=list(TAKES))
    parser.add_argument("--keys", type=int, nargs="+", default=[1, 3, 6])
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--height", type=int, default=288)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--methods", nargs="+", choices=list(METHODS), default=list(METHODS))
    parser.add_argument("--threads", type=int, default=2, help="for OpenCV")
    parser.add_argument("--sheets", type=Path, help="a folder for pictures of the worst frames")
    args = parser.parse_args()
    cv2.setNumThreads(args.threads)
    calm = Flicker(*(0.0,) * 8)
    print(
        f"{args.height * 16 // 9} x {args.height}, {args.frames} frames. PSNR, SSIM, sharp, lines: to the drawn "
        "truth, keys left out;\nseen: PSNR of what some key shows; hidden: squared error x 1000 of the rest; E: "
        "exact-flow warp error x 1000;\npop: step across a key over those around it; key: error there, levels"
    )
    for name in args.takes:
        take = TAKES[name]
        film = render(args.seed, args.frames, args.height, calm, take)
        for count in args.keys:
            sheet = args.sheets and args.sheets / f"{name}-{count}.png"
            kind = "scoring" if take.scoring else "tuning"
            title = f"{name} ({kind}), {count} key{'s' * (count > 1)} a shot: {take.build.__doc__}"
            show(title, rows(film, jobs_of(film, count), args.methods, sheet))


if __name__ == "__main__":
    main()
