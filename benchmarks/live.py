"""python -m benchmarks.live: how quickly live models draw, and how near to their teacher, all in one run.

    --peer whitebox.tflite        milliseconds a picture, every network in turn, round by round
    --clip CLIP --teacher FILM    PSNR of a clip's drawings to its teacher's film, and E_warp of all three; --first
                                  is the clip's frame that the film begins with; with --faces YUNET.onnx also in
                                  how many frames a face is found, and how far its landmarks lie from the
                                  teacher's, as a share of the face's size
    --minutes 10                  a camera of 24 pictures a second, drawn live: rate, latency, dropped, memory

Each round draws once with every network, so that whatever else the machine does meets all of them alike.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil

from benchmarks.look.hands import white_box
from benchmarks.measure.faces import Faces, moved
from benchmarks.measure.hardware import hardware_line
from benchmarks.measure.memory import MIB
from deflicker.flow import DIS
from deflicker.metrics import visible, warp_error
from stylize.diffusion.sizes import scale_down, working_size
from stylize.edge.engines import choose_engine
from stylize.edge.live.find import bundled, bundled_live_models
from stylize.edge.live.generator import LiveDrawer
from stylize.edge.live.manifest import read_live_manifest
from stylize.edge.quantize.measure import psnr
from stylize.footage import find_shots, probe, read_frames
from stylize.footage.camera import Captured
from stylize.footage.clip import Pixels
from stylize.generators.live.resolve import choose_live_precision
from stylize.generators.live.view import LiveState, run_live

SIZES = ((512, 512), (1280, 720))
WARM_UP = 3
RATE = 24.0
SAY_EVERY_S = 10.0


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
    parser.add_argument("--faces", type=Path, help="the weights of YuNet, to see whether faces are kept")
    parser.add_argument("--minutes", type=float)
    args = parser.parse_args()
    models = args.model or [bundled_live_models() / manifest.name for manifest in bundled()]
    load = f"; load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{hardware_line()}{load}\n")
    if args.clip and args.teacher:
        compare(models, args.clip, args.teacher, args.first, args.faces)
    elif args.minutes:
        watch(models[0], args.minutes)
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


class SyntheticCamera:
    """Gives noise of 512x512 px `RATE` times a second, for some minutes."""

    def __init__(self, minutes: float) -> None:
        self.rate, self.count = RATE, round(60 * minutes * RATE)

    def pictures(self) -> Iterator[Captured]:
        began, rng = time.monotonic(), np.random.default_rng(0)
        pictures = [rng.integers(0, 256, (512, 512, 3), np.uint8) for _ in range(8)]
        for number in range(self.count):
            at = began + number / RATE
            time.sleep(max(0.0, at - time.monotonic()))
            yield Captured(pictures[number % len(pictures)], at)

    def close(self) -> None:
        return


LATE_S = 2 / RATE
"""A drawing is late when the camera has given two further pictures since its own."""


class Watched:
    """An output that counts the pictures that come late, and keeps the longest delay."""

    def __init__(self) -> None:
        self.late, self.longest_s = 0, 0.0

    def show(self, drawing: Pixels, at: float) -> bool:
        delay = time.monotonic() - at
        self.late += delay > LATE_S
        self.longest_s = max(self.longest_s, delay)
        return True

    def close(self, whole: bool) -> None:
        return


def watch(model: Path, minutes: float) -> None:
    """Draws a synthetic camera live, and says once in ten seconds how it goes."""
    engine = choose_engine("cpu", "cpu-int8")
    drawer = LiveDrawer.load(model, choose_live_precision(read_live_manifest(model), "auto", engine), engine)
    drawer.draw(np.zeros((512, 512, 3), np.float32))
    print(
        "| s | shown | dropped | pictures a second | latency, ms | longest | resident, MiB |\n|-|-|-|-|-|-|-|"
    )
    began, said, seen, held = time.monotonic(), 0.0, Watched(), list[float]()

    def report(state: LiveState) -> None:
        nonlocal said
        spent = time.monotonic() - began
        if spent - said >= SAY_EVERY_S:
            said = spent
            resident = psutil.Process().memory_info().rss / MIB
            held.append(resident)
            late = f"{1000 * state.latency_s:.0f} | {1000 * state.worst_s:.0f}"
            counts = f"{state.shown} | {state.dropped} | {state.rate:.1f}"
            print(f"| {spent:.0f} | {counts} | {late} | {resident:.0f} |", flush=True)

    state = run_live(SyntheticCamera(minutes), drawer, seen, 512, report=report)
    print(
        f"\n{state.shown} shown and {state.dropped} dropped; {seen.late} of the shown ones came later than two "
        f"pictures after their own; the longest delay was {1000 * seen.longest_s:.0f} ms"
    )
    if held:
        told = (
            f"{held[0]:.0f} MiB after {SAY_EVERY_S:.0f} s, {held[-1]:.0f} at the end, {max(held):.0f} at most"
        )
        print(f"memory: {told}")


def compare(models: list[Path], clip: Path, teacher: Path, first: int, faces: Path | None = None) -> None:
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
    errors: dict[str, list[float]] = {name: [] for name in films}
    flow = DIS()
    for start, stop in spans:
        for at in range(start, stop - 1):
            here, there = plates[at], plates[at + 1]
            forward = flow(here, there)
            mask = visible(forward, flow(there, here))
            for name, film in films.items():
                errors[name].append(warp_error(film[at], film[at + 1], forward, mask))
    print("| film | PSNR to the teacher, dB | E_warp, x1000 |\n|-|-|-|")
    for name, film in films.items():
        near = float(np.mean([psnr(a, b) for a, b in zip(film, truth, strict=True)]))
        print(f"| {name} | {near:.2f} | {1000 * float(np.mean(errors[name])):.3f} |")
    if faces:
        _tell_faces(films, Faces(faces))


def _tell_faces(films: dict[str, list[Pixels]], faces: Faces) -> None:
    found = {name: [faces.best(picture) for picture in film] for name, film in films.items()}
    print("\n| film | face found in | landmarks from the teacher's |\n|-|-|-|")
    for name, film in found.items():
        count = sum(face is not None for face in film)
        print(f"| {name} | {count} of {len(film)} | {moved(film, found['the teacher']):.3f} |")


if __name__ == "__main__":
    main()
