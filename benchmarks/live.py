"""python -m benchmarks.live: how quickly live models draw, and how near to their teacher, all in one run.

    --peer whitebox.tflite        milliseconds a picture, every network in turn, round by round
    --clip CLIP --teacher FILM    PSNR of a clip's drawings to its teacher's film, and E_warp of all three; --first
                                  is the clip's frame that the film begins with

Each round draws once with every network, so that whatever else the machine does meets all of them alike.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.look.hands import white_box
from benchmarks.measure.hardware import hardware_line
from deflicker.metrics import film_warp_error
from stylize.diffusion.sizes import scale_down, working_size
from stylize.edge.engines import choose_engine
from stylize.edge.live.find import bundled, bundled_live_models
from stylize.edge.live.generator import LiveDrawer
from stylize.edge.quantize.measure import psnr
from stylize.footage import find_shots, probe, read_frames
from stylize.footage.clip import Pixels

SIZES = ((512, 512), (1280, 720))
WARM_UP = 3


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__)
    parser.add_argument(
        "--model", type=Path, action="append", help="a live model's folder; default: the bundled ones"
    )
    parser.add_argument(
        "--peer", type=Path, help="a .tflite of White-box Cartoonization, to time beside them"
    )
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--clip", type=Path)
    parser.add_argument("--teacher", type=Path)
    parser.add_argument("--first", type=int, default=0)
    args = parser.parse_args()
    models = args.model or [bundled_live_models() / manifest.name for manifest in bundled()]
    load = f"; load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{hardware_line()}{load}\n")
    if args.clip and args.teacher:
        compare(models, args.clip, args.teacher, args.first)
    else:
        race(models, args.peer, args.rounds)


def race(models: list[Path], peer: Path | None, rounds: int) -> None:
    """Times every model in float and INT8 at `SIZES`, and the peer at 512x512."""
    engine = choose_engine("cpu", "cpu-int8")
    calls: dict[str, Callable[[], object]] = {}
    for model in models:
        for precision in ("float", "int8"):
            drawer = LiveDrawer.load(model, precision, engine)  # type: ignore[arg-type]
            for width, height in SIZES:
                picture = np.random.default_rng(0).random((height, width, 3)).astype(np.float32)
                name = f"{drawer.manifest.name} {precision} {width}x{height}"
                calls[name] = lambda drawer=drawer, picture=picture: drawer.draw(picture)  # type: ignore[misc]
    if peer is not None:
        hand = white_box(peer, os.cpu_count() or 1)
        if hand is None:
            raise SystemExit(f"{peer} cannot be run: is ai-edge-litert installed?")
        square = np.random.default_rng(0).random((512, 512, 3)).astype(np.float32)
        calls[f"{peer.stem} 512x512"] = lambda: hand(square, 0)
    spent: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(WARM_UP + rounds):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            if number >= WARM_UP:
                spent[name].append(1000 * (time.perf_counter() - began))
    print("| network | ms, median | ms, least | pictures a second |\n|-|-|-|-|")
    for name, times in spent.items():
        print(f"| {name} | {np.median(times):.1f} | {min(times):.1f} | {1000 / np.median(times):.1f} |")


def compare(models: list[Path], clip: Path, teacher: Path, first: int) -> None:
    """Draws a clip at its teacher's size and compares it with the teacher's film, and both with the clip."""
    truth = [frame.pixels for frame in read_frames(probe(teacher))]
    size = (truth[0].shape[1], truth[0].shape[0])
    plates = [scale_down(frame.pixels, size) for frame in read_frames(probe(clip), first, first + len(truth))]
    end = first + len(truth)
    shots = find_shots(probe(clip), start=first, end=end)
    spans = [(shot.start - first, shot.end - first) for shot in shots if len(shot) > 1]
    films: dict[str, list[Pixels]] = {"the clip": plates, "the teacher": truth}
    for model in models:
        for precision in ("float", "int8"):
            drawer = LiveDrawer.load(model, precision, choose_engine("cpu", "cpu-int8"))  # type: ignore[arg-type]
            small = working_size(*size, drawer.manifest.short_side)
            drawn = [drawer.draw(scale_down(plate, small)) for plate in plates]
            if small != size:
                from stylize.finish import enlarge

                drawn = [enlarge(each, plate) for each, plate in zip(drawn, plates, strict=True)]
            films[f"{drawer.manifest.name} {precision}"] = drawn
    print("| film | PSNR to the teacher, dB | E_warp, x1000 |\n|-|-|-|")
    for name, film in films.items():
        errors = [film_warp_error(film.__getitem__, plates.__getitem__, span) for span in spans]
        near = float(np.mean([psnr(a, b) for a, b in zip(film, truth, strict=True)]))
        print(f"| {name} | {near:.2f} | {1000 * float(np.mean(errors)):.3f} |")


if __name__ == "__main__":
    main()
