"""Pairs whose drawing is the slow model's: frames of films and pictures, drawn and finished as a run would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stylize.config.resolved import ResolvedConfig
from stylize.diffusion.sizes import scale_down, working_size
from stylize.finish import enlarge, finish_cel
from stylize.footage import find_shots, pick_frames, probe
from stylize.footage.clip import Clip, Pixels, Shot
from stylize.generators.base import FrameGenerator
from training.base.real_pairs import SUFFIXES
from training.live.pairs import write_pair

KEPT_SIDE = 576
"""Short side of the pictures in a pair, px; smaller ones keep their size."""
FAINTEST = 0.04
"""Standard deviation of a frame below which it is left out: black, or of one colour."""


@dataclass(frozen=True)
class Plate:
    """A frame to be drawn, the frame after it (itself where there is none), and its place in its film."""

    name: str
    frame: Pixels
    after: Pixels
    number: int
    shot: Shot


def film_plates(path: Path, count: int, name: str) -> Iterator[Plate]:
    """Up to `count` frames of a film, evenly spaced, each with the next one of its shot; plain ones are left out.

    Args:
        name: how the plates' names begin.

    Raises:
        UsageError, FootageError: the film cannot be read.
    """
    clip = probe(path)
    shots = find_shots(clip)
    spacing = max(2.0, clip.frame_count / count)
    firsts = sorted({int(spacing * (place + 0.5)) for place in range(int(clip.frame_count / spacing))})
    pairs = [(at, at + 1 if any(at in shot and at + 1 in shot for shot in shots) else at) for at in firsts]
    numbers = sorted({number for pair in pairs for number in pair})
    held: dict[int, Pixels] = {}
    waiting = iter(pairs)
    pair = next(waiting, None)
    for frame in pick_frames(clip, numbers):
        held[frame.index] = _kept(frame.pixels, clip)
        while pair is not None and pair[0] in held and pair[1] in held:
            at, after = pair
            if held[at].std() > FAINTEST:
                shot = next(shot for shot in shots if at in shot)
                yield Plate(f"{name}-{at:06d}", held[at], held[after], at, shot)
            pair = next(waiting, None)
            held = {number: pixels for number, pixels in held.items() if pair and number >= pair[0]}


def _kept(pixels: Pixels, clip: Clip) -> Pixels:
    return scale_down(pixels, working_size(clip.width, clip.height, KEPT_SIDE))


def picture_plate(name: str, pixels: Pixels) -> Plate:
    """A single picture to be drawn."""
    kept = scale_down(pixels, working_size(pixels.shape[1], pixels.shape[0], KEPT_SIDE))
    return Plate(name, kept, kept, 0, Shot(0, 1))


def is_picture(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES


@dataclass(frozen=True)
class Teacher:
    """The slow model as a run would use it: it draws at its working size, and the drawing is finished as a cel and
    brought to the picture's size."""

    generator: FrameGenerator
    config: ResolvedConfig

    def draw(self, plate: Plate) -> Pixels:
        height, width = plate.frame.shape[:2]
        small = scale_down(plate.frame, working_size(width, height, self.config.size))
        drawn = self.generator.draw([small], [plate.number], plate.shot)[0]
        finish = self.config.finish
        if finish.touches_the_cel:
            drawn = finish_cel(drawn, small, finish)
        return np.clip(enlarge(drawn, plate.frame, finish.detail), 0, 1)


def write_taught_pairs(
    plates: Iterator[Plate],
    teacher: Teacher,
    out: Path,
    on_written: Callable[[int], None] = lambda count: None,
) -> int:
    """Draws every plate and writes its pair to `out`; pairs that are there already are kept.

    Returns:
        How many plates there were.
    """
    count = 0
    for count, plate in enumerate(plates, start=1):
        path = out / f"{plate.name}.png"
        if not path.exists():
            write_pair(path, plate.frame, plate.after, teacher.draw(plate))
        on_written(count)
    return count
