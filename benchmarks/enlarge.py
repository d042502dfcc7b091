"""python -m benchmarks.enlarge: drawings enlarged by cubic interpolation, along edges, and by the network.

    --clip CLIP --teacher FILM    the frames of a film's drawings, and the clip that they were drawn from; --first
                                  is the clip's frame that the film begins with
    --rendered 12                 rendered scenes, whose drawing is known at full size
    --out SHEET.png               drawings at full size: half the size, cubic, edges, network, the drawing itself

A drawing is brought to half its size and back. Told are PSNR to the drawing, dB, and how much of the slope of its
steepest edges comes back (1: as crisp as the drawing), and the time for 1280x720 from 682x384, in turn.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from benchmarks.measure.hardware import hardware_line
from stylize.config.packs.find import find_style
from stylize.diffusion.sizes import scale_down, working_size
from stylize.edge.quantize.measure import psnr
from stylize.finish import enlarge, finish_cel
from stylize.footage import probe, read_frames
from stylize.footage.clip import Pixels
from stylize.generators.enlarging import NET, open_enlarging
from stylize.storage.pictures import write_picture
from training.base.assemble import assemble_drawing
from training.base.attributes import Attributes
from training.base.scenes import render_cels

DRAWN_AT = 384
"""Short side at which the style's model draws, px: its films have nothing finer."""
STEEPEST = 0.03
"""The share of a drawing's pixels that counts as its steepest edges."""
UNSEEN_SEED = 77
"""Trainings render scenes of the seed 0."""
ROUNDS = 12
Way = Callable[[Pixels, Pixels], Pixels]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.enlarge", description=__doc__)
    parser.add_argument("--clip", type=Path)
    parser.add_argument("--teacher", type=Path)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--rendered", type=int, default=12)
    parser.add_argument("--network", default=NET, help="net, or the folder of another one")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    ways: dict[str, Way] = {
        "cubic": lambda drawn, plate: enlarge(drawn, plate, 0),
        "edges": enlarge,
        "network": open_enlarging(args.network, 1.0),
    }
    if args.clip and args.teacher:
        shown = list(_drawings(args.clip, args.teacher, args.first))
    else:
        shown = list(islice(_scenes(), args.rendered))
    print(f"{hardware_line()}\n\n| way | PSNR, dB | edges | ms, median |\n|-|-|-|-|")
    took = _race(ways)
    for name, way in ways.items():
        large = [way(_halved(drawn), plate) for plate, drawn in shown]
        near = np.mean([psnr(one, drawn) for one, (_, drawn) in zip(large, shown, strict=True)])
        crisp = np.mean([crispness(one, drawn) for one, (_, drawn) in zip(large, shown, strict=True)])
        print(f"| {name} | {near:.2f} | {crisp:.3f} | {took[name]:.0f} |")
    if args.out:
        plate, drawn = shown[len(shown) // 2]
        small = np.repeat(np.repeat(_halved(drawn), 2, axis=0), 2, axis=1)
        row = [small, *(way(_halved(drawn), plate) for way in ways.values()), drawn]
        write_picture(np.concatenate(row, axis=1), args.out)


def crispness(large: Pixels, truth: Pixels) -> float:
    """The mean slope where the truth is steepest, as a share of the truth's own there."""
    own, other = _slopes(truth), _slopes(large)
    edges = own >= np.quantile(own, 1 - STEEPEST)
    return float(other[edges].mean() / own[edges].mean())


def _slopes(picture: Pixels) -> Pixels:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    across, down = (cv2.Scharr(grey, cv2.CV_32F, *axis) for axis in ((1, 0), (0, 1)))
    return np.asarray(cv2.magnitude(across, down), np.float32)


def _drawings(clip: Path, teacher: Path, first: int) -> Iterator[tuple[Pixels, Pixels]]:
    """(plate, drawing) at the size that the drawing was made at."""
    drawings = [frame.pixels for frame in read_frames(probe(teacher))]
    plates = read_frames(probe(clip), first, first + len(drawings))
    for plate, drawn in zip(plates, drawings, strict=True):
        width, height = working_size(drawn.shape[1], drawn.shape[0], DRAWN_AT)
        size = width // 4 * 4, height // 4 * 4
        yield scale_down(plate.pixels, size), scale_down(drawn, size)


def _scenes() -> Iterator[tuple[Pixels, Pixels]]:
    finish = find_style("anime").style.finish
    for number in range(1 << 20):
        cels = render_cels(np.random.default_rng((UNSEEN_SEED, number)), DRAWN_AT)
        yield cels.photo, finish_cel(assemble_drawing(cels, Attributes()), cels.photo, finish)


def _halved(drawn: Pixels) -> Pixels:
    return scale_down(drawn, (drawn.shape[1] // 2, drawn.shape[0] // 2))


def _race(ways: dict[str, Way]) -> dict[str, float]:
    """Milliseconds of each way, round by round."""
    rng = np.random.default_rng(0)
    plate, drawn = (
        np.asarray(rng.random((height, width, 3)), np.float32) for width, height in ((1280, 720), (682, 384))
    )
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(ROUNDS + 2):
        for name, way in ways.items():
            began = time.perf_counter()
            way(drawn, plate)
            if number >= 2:
                spent[name].append(1000 * (time.perf_counter() - began))
    return {name: float(np.median(times)) for name, times in spent.items()}


if __name__ == "__main__":
    main()
