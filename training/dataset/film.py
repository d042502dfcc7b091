"""Stills of a film as drawings: the sharpest of every shot, and none twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2

from stylize import footage
from stylize.errors import FootageError
from stylize.footage.clip import Pixels
from stylize.report.side_by_side import write_picture
from training.dataset.check import difference, thumbnail

LOOKS_A_SECOND = 4
DIFFERENT = 0.03
"""Stills of one shot whose thumbnails differ by less show the same."""


def sharpness(picture: Pixels) -> float:
    """Variance of the luma's Laplacian: low where all is blurred, by focus or by motion."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_32F).var())


def stills_of(film: Path, out: Path, most: int = 60, tell: Callable[[int], None] = lambda done: None) -> int:
    """Writes up to `most` different stills of a film, the sharpest first within every shot, as PNG.

    Returns:
        How many were written.

    Raises:
        FootageError: it cannot be read, or is black throughout.
    """
    clip = footage.probe(film)
    every = max(1, round(float(clip.rate) / LOOKS_A_SECOND))
    chosen: list[tuple[float, int]] = []
    shots = footage.find_shots(clip)
    for shot in shots:
        seen: list[tuple[float, int, Pixels]] = []
        numbers = range(shot.start, shot.end, every)
        for frame in footage.pick_frames(clip, numbers):
            if frame.pixels.std() > 0.04:
                seen.append((sharpness(frame.pixels), frame.index, thumbnail(frame.pixels)))
        marks: list[Pixels] = []
        for sharp, index, mark in sorted(seen, key=lambda each: -each[0]):
            if all(difference(mark, other) >= DIFFERENT for other in marks):
                marks.append(mark)
                chosen.append((sharp, index))
    if not chosen:
        raise FootageError("There is no picture in this film to learn from.", where=film)
    out.mkdir(parents=True, exist_ok=True)
    best = sorted(index for _, index in sorted(chosen, reverse=True)[:most])
    for done, frame in enumerate(footage.pick_frames(clip, best), start=1):
        write_picture(frame.pixels, out / f"{frame.index:06d}.png")
        tell(done)
    return len(best)
