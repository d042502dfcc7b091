"""Real frames: what is kept of them, what is flattened, and how they hold still without any deflickering."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from benchmarks.look import measures
from benchmarks.look.hands import Hand
from deflicker.flow import DIS
from deflicker.metrics import visible, warp_error
from stylize import footage
from stylize.diffusion.sizes import scale_down
from stylize.footage.clip import Pixels
from stylize.storage.pictures import write_picture

CLIPS = {
    "juggle_720p24": (10, 120, 200),
    "runner_512p20": (10, 60, 100),
    "cups_720p30_audio": (20, 150, 250),
    "bikes_cuts_272p25": (10, 50, 100, 150, 200),
    "cuts_720p30": (100, 250, 450),
}
"""Clips by name, and the frames that are looked at."""
WARPED = ("juggle_720p24", "runner_512p20")
PAIRS = 6
"""Neighbouring frames whose difference is measured."""
COLUMN_PX = 640


def frames_of(folder: Path, name: str, numbers: tuple[int, ...], short: int) -> Iterator[tuple[int, Pixels]]:
    """Frames of a clip at a short side of `short` px at most."""
    clip = footage.probe(folder / f"{name}.mp4")
    scale = min(1.0, short / min(clip.width, clip.height))
    size = (round(clip.width * scale), round(clip.height * scale))
    for number in numbers:
        frame = next(iter(footage.read_frames(clip, number, number + 1)))
        yield number, scale_down(frame.pixels, size)


def on_clips(folder: Path, hands: dict[str, Hand], short: int) -> list[str]:
    """Two tables: single frames, and neighbours."""
    rows = [
        f"Real frames at {short} px, means over {sum(map(len, CLIPS.values()))} frames of {len(CLIPS)} clips:",
        "",
        "| | texture in flats, share of the source's | source's edges kept, F1 | line coverage |",
        "|-|-|-|-|",
    ]
    frames = [each for name, numbers in CLIPS.items() for each in frames_of(folder, name, numbers, short)]
    for who, draw in hands.items():
        calm, kept, lines = [], [], []
        for number, frame in frames:
            drawn = draw(frame, number)
            calm.append(measures.texture_share(drawn, frame))
            kept.append(measures.edge_f1(measures.edges(drawn, 1.5), measures.edges(frame, 1.5)))
            lines.append(measures.line_coverage(drawn))
        rows.append(f"| {who} | {np.mean(calm):.2f} | {np.mean(kept):.2f} | {np.mean(lines):.3f} |")
    return [*rows, "", *_held_still(folder, hands, short)]


def _held_still(folder: Path, hands: dict[str, Hand], short: int) -> list[str]:
    rows = [
        f"E_warp (Lai et al.) of neighbours, x10^3, without deflickering; {PAIRS} pairs a clip:",
        "",
        "| | " + " | ".join(WARPED) + " |",
        "|-|" + "-|" * len(WARPED),
    ]
    everyone: dict[str, Hand] = {"the source itself": lambda frame, number: frame, **hands}
    cells: dict[str, list[str]] = {who: [] for who in everyone}
    for name in WARPED:
        starts = tuple(range(20, 20 + 15 * PAIRS, 15))
        before = [frame for _, frame in frames_of(folder, name, starts, short)]
        after = [frame for _, frame in frames_of(folder, name, tuple(s + 1 for s in starts), short)]
        flow = DIS(short)
        fields = [(flow(a, b), flow(b, a)) for a, b in zip(before, after, strict=True)]
        for who, draw in everyone.items():
            errors = [
                warp_error(draw(a, n), draw(b, n + 1), forward, visible(forward, backward))
                for a, b, n, (forward, backward) in zip(before, after, starts, fields, strict=True)
            ]
            cells[who].append(f"{1e3 * float(np.mean(errors)):.2f}")
    return [*rows, *(f"| {who} | " + " | ".join(values) + " |" for who, values in cells.items())]


def write_sheet(folder: Path, hands: dict[str, Hand], short: int, out: Path, which: dict[str, int]) -> None:
    """A picture: a row for each frame, the source and then every hand."""
    rows = []
    for name, number in which.items():
        ((_, frame),) = frames_of(folder, name, (number,), short)
        row = [frame, *(draw(frame, number) for draw in hands.values())]
        rows.append(np.concatenate([_scaled(picture, COLUMN_PX) for picture in row], axis=1))
    write_picture(np.concatenate(rows, axis=0), out)


def _scaled(picture: Pixels, width: int) -> Pixels:
    height = round(width * picture.shape[0] / picture.shape[1])
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.float32)
