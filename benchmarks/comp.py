"""python -m benchmarks.comp: key and merge at 1080p, frames a second and memory, decoder and encoder included.

`stylize comp` sets the project's own plate, enlarged, before a still: a short clip and a longer one, each in a
process of its own. What looking through a shot costs is the same for both but for the frames, so the rate is that
of the frames which the longer one has more.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from benchmarks.measure.hardware import hardware_line
from benchmarks.measure.memory import MIB, Command
from stylize import footage

PLATE = Path(__file__).resolve().parents[1] / "examples" / "greenscreen.mp4"
SCENE = """
[camera]
source = "locked"
[backdrop]
kind = "still"
file = "still.png"
"""


def write_plate(path: Path, count: int, size: tuple[int, int]) -> Path:
    """The sample's plate at another size, played to and fro until there are `count` frames."""
    plate = footage.probe(PLATE)

    def frames() -> Iterator[footage.Frame]:
        number = 0
        while number < count:
            seen = footage.read_frames(plate)
            for frame in seen if (number // plate.frame_count) % 2 == 0 else reversed(list(seen)):
                if number < count:
                    large = cv2.resize(frame.pixels, size, interpolation=cv2.INTER_CUBIC)
                    yield footage.Frame(number, number, np.clip(large, 0, 1))
                    number += 1

    clip = footage.Clip(path, *size, Fraction(24), Fraction(1, 24), count)
    return footage.write_film(frames(), path, clip, audio=False)


def comp(plate: Path, scene: Path) -> tuple[float, Command]:
    """The seconds that a comp took, and what it took of the machine."""
    out = plate.with_suffix(".comp.mp4")
    words = ["comp", plate, scene, "-o", out, "--no-progress", "--quiet"]
    command = Command([sys.executable, "-m", "stylize.cli", *map(str, words)])
    began = time.perf_counter()
    for _ in command.lines():
        pass
    return time.perf_counter() - began, command


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.comp", description=__doc__)
    parser.add_argument("--frames", type=int, nargs=2, default=[16, 64], metavar=("SHORT", "LONG"))
    parser.add_argument("--width", type=int, default=1920)
    parser.add_argument("--height", type=int, default=1080)
    args = parser.parse_args()
    print(
        f"{hardware_line()}\n{args.width}x{args.height}\n\n| frames | s | CPU s | peak, MiB |\n|---|---|---|---|"
    )
    taken = []
    with tempfile.TemporaryDirectory(prefix="comp-") as place:
        folder = Path(place)
        (folder / "scene.toml").write_text(SCENE)
        still = np.random.default_rng(1).integers(0, 255, (27, 48, 3), np.uint8)
        size = (args.width, args.height)
        cv2.imwrite(str(folder / "still.png"), cv2.resize(still, size, interpolation=cv2.INTER_CUBIC))
        for count in args.frames:
            plate = write_plate(folder / f"{count}.mp4", count, size)
            seconds, command = comp(plate, folder / "scene.toml")
            taken.append((seconds, command))
            print(f"| {count} | {seconds:.1f} | {command.cpu_s:.1f} | {command.peak / MIB:.0f} |", flush=True)
    more = args.frames[1] - args.frames[0]
    (short, first), (long, second) = taken
    print(
        f"\n{more / (long - short):.2f} frames a second; {(second.cpu_s - first.cpu_s) / more:.2f} CPU s a frame"
    )


if __name__ == "__main__":
    main()
