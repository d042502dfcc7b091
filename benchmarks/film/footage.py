"""A film of many shots, cut from a few clips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from stylize import footage
from stylize.footage.clip import Clip, Frame, Pixels

RATE = Fraction(24)


def write_shots(
    clips: Sequence[Path], out: Path, shots: int, frames: int, size: tuple[int, int]
) -> tuple[Path, Path]:
    """A film of so many shots of so many frames each, in turn from each clip, and the list of its shots (CSV).

    A clip that has been used up begins again, so a long film needs no long clips.

    Args:
        size: (width, height) px that every picture is brought to.
    """
    plan = Clip(out, *size, RATE, 1 / RATE, shots * frames)
    pictures = _pictures([footage.probe(clip) for clip in clips], shots, frames, size)
    numbered = (Frame(number, number, picture) for number, picture in enumerate(pictures))
    footage.write_film(numbered, out, plan, format="mp4", audio=False, overwrite=True)
    cuts = [f"{start},{start + frames}\n" for start in range(0, shots * frames, frames)]
    listing = out.with_suffix(".csv")
    listing.write_text("start,end\n" + "".join(cuts))
    return out, listing


def _pictures(clips: Sequence[Clip], shots: int, frames: int, size: tuple[int, int]) -> Iterator[Pixels]:
    used = [0] * len(clips)
    for shot in range(shots):
        which = shot % len(clips)
        for _ in range(frames // clips[which].frame_count):
            yield from _part(clips[which], 0, clips[which].frame_count, size)
        rest = frames % clips[which].frame_count
        if used[which] + rest > clips[which].frame_count:
            used[which] = 0
        if rest:
            yield from _part(clips[which], used[which], used[which] + rest, size)
        used[which] += rest


def _part(clip: Clip, start: int, end: int, size: tuple[int, int]) -> Iterator[Pixels]:
    for frame in footage.read_frames(clip, start, end):
        how = cv2.INTER_AREA if frame.pixels.shape[1] > size[0] else cv2.INTER_LINEAR
        yield np.clip(cv2.resize(frame.pixels, size, interpolation=how), 0, 1, dtype=np.float32)
