"""python -m benchmarks.key_and_merge: what keying and merging take of a frame inside `stylize run --comp`.

The project's own plate, enlarged, is keyed, drawn as roughly as can be, and set before a still; the seconds of the
passes that key and of the one that merges are told, for a shot. With `--against CHECKOUT` another version of the
program does the same in turn, so that both are measured in one run.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from benchmarks.comp import SCENE, write_plate
from benchmarks.measure.hardware import hardware_line

HERE = Path(__file__).resolve().parents[1]
KEYING, MERGING = ("key", "matte", "subject"), ("comp",)
ROUGHLY = ("--steps", "1", "--size", "64", "--repair", "off", "--cadence", "ones", "--shots", "shots.csv")


def measure(checkout: Path, folder: Path, frames: int) -> tuple[float, float]:
    """Seconds a frame that the checkout's program takes to key and to merge."""
    words = [
        "run",
        "plate.mp4",
        "--comp",
        "scene.toml",
        "-o",
        "film.mp4",
        "-y",
        "--no-resume",
        "--json",
        *ROUGHLY,
    ]
    said = subprocess.run(
        [sys.executable, "-m", "stylize.cli", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(checkout), "STYLIZE_STEADY": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    events = [json.loads(line) for line in said.stdout.splitlines()]
    seconds = {each["name"]: each["seconds"] for each in events if each["event"] == "pass_finished"}
    key, merge = (sum(seconds.get(name, 0.0) for name in names) for names in (KEYING, MERGING))
    return key / frames, merge / frames


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.key_and_merge", description=__doc__)
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", type=int, nargs=2, default=[1920, 1080], metavar=("W", "H"))
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="another version of the program")
    args = parser.parse_args()
    checkouts = [HERE, *([args.against.resolve()] if args.against else [])]
    taken: dict[Path, list[tuple[float, float]]] = {each: [] for each in checkouts}
    with tempfile.TemporaryDirectory(prefix="key-and-merge-") as place:
        folder = Path(place)
        (folder / "scene.toml").write_text(SCENE)
        (folder / "shots.csv").write_text(f"start,end\n0,{args.frames}\n")
        still = np.random.default_rng(1).integers(0, 255, (27, 48, 3), np.uint8)
        cv2.imwrite(str(folder / "still.png"), cv2.resize(still, args.size, interpolation=cv2.INTER_CUBIC))
        write_plate(folder / "plate.mp4", args.frames, tuple(args.size))
        for _ in range(args.rounds):
            for checkout in checkouts:
                taken[checkout].append(measure(checkout, folder, args.frames))
    print(f"{hardware_line()}\n{args.size[0]}x{args.size[1]}, median of {args.rounds}, seconds a frame\n")
    print("| | key | merge | both |\n|-|-|-|-|")
    both = []
    for checkout, rounds in taken.items():
        key, merge = (statistics.median(each[which] for each in rounds) for which in (0, 1))
        both.append(statistics.median(sum(each) for each in rounds))
        print(
            f"| {'here' if checkout == HERE else checkout.name} | {key:.3f} | {merge:.3f} | {both[-1]:.3f} |"
        )
    if len(both) > 1:
        print(f"\n{both[1] / both[0]:.2f} times as fast")


if __name__ == "__main__":
    main()
