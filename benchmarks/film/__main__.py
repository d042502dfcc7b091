"""python -m benchmarks.film: the time of a whole film of many shots, and where it goes.

A film is cut from a few clips and drawn by `stylize run`: by this version and, with --before, by an older one that
lies in another folder, in the same run. Told are seconds a frame with start-up, processor seconds a frame, how busy
the cores were, the most memory, and how long 10,080 frames (seven minutes) would take at that pace. Then the passes
are run one after another over a part of the film, which says what each of them takes by itself.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.film.footage import write_shots
from benchmarks.measure.job import run_job
from benchmarks.measure.memory import MIB
from stylize.system.machine import read_processor, usable_cores

HERE = Path(__file__).parents[2]
WHOLE = 10_080
"""Frames of seven minutes at 24 a second: a short film of 120 shots."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.film", description=__doc__)
    parser.add_argument("clips", type=Path, nargs="*", default=[HERE / "examples/sample.mp4"])
    parser.add_argument("--shots", type=int, default=12, help="120 for the whole of it")
    parser.add_argument("--frames", type=int, default=24, help="of a shot; 84 for the whole of it")
    parser.add_argument("--size", type=int, nargs=2, default=[1280, 720], metavar=("WIDTH", "HEIGHT"))
    parser.add_argument("--before", type=Path, help="a folder with an older version's code, for comparison")
    parser.add_argument(
        "--set", nargs="*", default=[], metavar="NAME=VALUE", help="settings, as runtime=auto"
    )
    args = parser.parse_args()
    roots = {"this version": HERE} | ({"before": args.before.absolute()} if args.before else {})
    count = args.shots * args.frames
    width, height = args.size
    print(f"{read_processor().name}, {usable_cores()} cores")
    print(f"{args.shots} shots, {count} frames, {width} x {height}\n")
    with tempfile.TemporaryDirectory(prefix="film-") as place:
        film = write_shots(args.clips, Path(place) / "film.mp4", args.shots, args.frames, (width, height))
        _tell_whole(roots, *film, count, args.set)
        part = write_shots(args.clips, Path(place) / "part.mp4", 2, args.frames, (width, height))
        _tell_passes(roots, *part, 2 * args.frames, args.set)


def _tell_whole(roots: dict[str, Path], film: Path, shots: Path, count: int, settings: Sequence[str]) -> None:
    print(f"| | s a frame | processor s a frame | cores busy | peak, MiB | {WHOLE:,} frames |")
    print("|---|---|---|---|---|---|", flush=True)
    options = [word for each in settings for word in _option(each)]
    for name, root in roots.items():
        began = time.perf_counter()
        job = run_job(film, film.with_name("out.mp4"), ["--shots", str(shots), *options], root)
        taken = time.perf_counter() - began
        busy, whole = job.cpu_s / taken / usable_cores(), taken / count * WHOLE / 60
        told = [f"{taken / count:.3f}", f"{job.cpu_s / count:.3f}", f"{busy:.0%}", f"{job.peak / MIB:.0f}"]
        print(f"| {name} | {' | '.join(told)} | {whole:.0f} min |", flush=True)


def _option(setting: str) -> list[str]:
    name, value = setting.split("=", 1)
    return [f"--{name.replace('_', '-')}", value]


def _tell_passes(
    roots: dict[str, Path], film: Path, shots: Path, count: int, settings: Sequence[str]
) -> None:
    """Milliseconds a frame; the first pass's include loading the model, as every film's do."""
    print("\nPass after pass, ms a frame: by the clock / of the processor\n")
    for name, root in roots.items():
        words = [str(root), str(film), str(shots), str(film.with_name("passes.mp4")), *settings]
        script = Path(__file__).with_name("in_turn.py")
        done = subprocess.run(
            [sys.executable, str(script), *words], check=True, capture_output=True, text=True
        )
        taken = json.loads(done.stdout.splitlines()[-1])
        told = (
            f"{step} {wall / count * 1e3:.0f} / {cpu / count * 1e3:.0f}"
            for step, (wall, cpu) in taken.items()
        )
        print(f"- {name}: " + ", ".join(told), flush=True)


if __name__ == "__main__":
    main()
