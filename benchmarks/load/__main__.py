"""python -m benchmarks.load film|batch|stills: memory, open files and speed of long work, which should stay flat.

film: a long clip through every pass, drawn by the bundled model at 64 px, so that the other passes count; with
`--green` a green-screen clip is keyed and laid over a picture. batch: a list of small jobs. stills: a folder of
photographs of mixed sizes. Each is one process, watched from outside. `--plot` writes the curves as SVG.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from benchmarks.load.plot import plot
from benchmarks.load.watch import course_of, table, watch
from benchmarks.measure.clip import draw_plate, write_clip
from stylize import footage
from stylize.footage.clip import Clip, Frame

SMALL = ("--steps", "1", "--size", "64", "--device", "cpu")
LOOP = 48
"""Frames that are drawn of a clip; it repeats them, with a cut each time."""
SCENE = '[camera]\nsource = "locked"\n[backdrop]\nkind = "still"\nfile = "sky.png"\ndraw = false\n'
SIZES = ((640, 480), (1280, 720), (720, 1280), (1600, 1200), (3000, 2000))


def film(folder: Path, count: int, size: tuple[int, int], green: bool) -> list[str]:
    """A clip of `count` frames; the words of the command that draws it."""
    loop = folder / "loop.mp4"
    if green:
        _write_green(loop, size)
    else:
        write_clip(loop, LOOP, size, LOOP)
    times = -(-count // LOOP)
    subprocess.run(
        [footage.ffmpeg_binary(), "-loglevel", "error", "-stream_loop", str(times - 1), "-i", str(loop),
         "-c", "copy", str(folder / "clip.mp4")], check=True,
    )  # fmt: skip
    if not green:
        return ["run", "clip.mp4", "-o", "film.mp4", *SMALL]
    cv2.imwrite(str(folder / "sky.png"), np.full((size[1], size[0], 3), 190, np.uint8))
    (folder / "scene.toml").write_text(SCENE)
    return ["comp", "clip.mp4", "scene.toml", "-o", "film.mp4"]


def _write_green(path: Path, size: tuple[int, int]) -> None:
    frames, (width, height) = [], size
    for index in range(LOOP):
        picture = np.full((height, width, 3), (0.12, 0.65, 0.2), np.float32)
        at = width // 8 + index * width // (2 * LOOP)
        picture[height // 5 :, at : at + width // 5] = (0.6, 0.35, 0.3)
        frames.append(Frame(index, index, picture))
    footage.write_film(
        frames, path, Clip(path, width, height, Fraction(24), Fraction(1, 24), LOOP), audio=False
    )


def batch(folder: Path, count: int) -> list[str]:
    """A list of `count` jobs of six frames; the words of the command that makes them."""
    write_clip(folder / "clip.mp4", 6, (96, 64), 6)
    jobs = (f'[[job]]\nclip = "clip.mp4"\nout = "out/{n:04d}.mp4"\nseed = {n}\n' for n in range(count))
    (folder / "jobs.toml").write_text("\n".join(jobs))
    return ["run", "--jobs", "jobs.toml", *SMALL]


def stills(folder: Path, count: int) -> list[str]:
    """A folder of `count` photographs of mixed sizes; the words of the command that draws them."""
    (folder / "photos").mkdir()
    for number in range(count):
        picture = draw_plate(SIZES[number % len(SIZES)], number % 9, number)
        cv2.imwrite(str(folder / f"photos/{number:04d}.jpg"), np.uint8(255 * picture[..., ::-1]))
    return ["run", "photos", *SMALL]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("what", choices=("film", "batch", "stills"))
    parser.add_argument("--count", type=int, help="frames, jobs or photographs (14,400, 500, 200)")
    parser.add_argument("--size", default="1920x1080", help="of the film")
    parser.add_argument(
        "--green", action="store_true", help="a green-screen clip, for the compositing passes"
    )
    parser.add_argument("--seconds", type=float, help="stop after so long, and tell of what was done by then")
    parser.add_argument("--plot", type=Path, help="an SVG file")
    parser.add_argument("--in", dest="home", type=Path, help="where the files lie meanwhile")
    asked = parser.parse_args()
    count = asked.count or {"film": 14400, "batch": 500, "stills": 200}[asked.what]
    width, height = (int(side) for side in asked.size.split("x"))
    make: dict[str, Callable[[Path], list[str]]] = {
        "film": lambda folder: film(folder, count, (width, height), asked.green),
        "batch": lambda folder: batch(folder, count),
        "stills": lambda folder: stills(folder, count),
    }
    with tempfile.TemporaryDirectory(prefix="load-", dir=asked.home) as place:
        words = make[asked.what](Path(place))
        print("stylize", *words, flush=True)
        found = watch(words, Path(place), asked.seconds)
    courses = [course_of(found, name) for name in found.done]
    print(table([each for each in courses if each is not None]))
    print(f"{found.seconds:.0f} s in all" + (", then stopped" if found.was_stopped else ""))
    if asked.plot:
        things = {"film": "frames", "batch": "jobs", "stills": "photographs"}[asked.what]
        stopped = f", stopped after {found.seconds:.0f} s" if found.was_stopped else ""
        title = f"{count} {things}{stopped}: stylize {words[0]}"
        asked.plot.write_text(plot(title, found))


if __name__ == "__main__":
    main()
