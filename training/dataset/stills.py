"""Takes stills of a film to learn from: the sharpest frames of every shot, without repeats."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2

from stylize import footage
from stylize.errors import FootageError, UsageError
from stylize.footage.clip import Pixels
from stylize.footage.outfile import make_folder, temporary_folder
from stylize.storage.atomic import atomic_write, cannot_write
from stylize.storage.fingerprint import fingerprint_clip
from stylize.storage.pictures import write_picture
from stylize.system.documents import read_json
from training.dataset.check import difference, thumbnail

FRAMES_A_SECOND = 4
"""How many frames of each second are considered."""
DIFFERENT = 0.03
"""Of frames of one shot whose thumbnails differ by less, only the sharpest is taken."""
BLANK = 0.04
"""Frames whose pixels have a lower standard deviation are black or blank."""
MADE_FROM = "made_from.json"
"""Beside the stills, what stands for the film that they were taken of."""


def take_stills(film: Path, out: Path, on_written: Callable[[int], None] = lambda count: None) -> Path:
    """The folder `out` with the stills of a film, which are taken once.

    Raises:
        FootageError: it cannot be read, or is black throughout.
        UsageError: the stills that are there are of another film.
    """
    if not out.is_dir():
        write_stills(film, out, on_written=on_written)
    elif (note := out / MADE_FROM).exists() and read_json(note) != fingerprint_clip(footage.probe(film)):
        raise UsageError(
            "The stills in this folder were taken of another film, or of one that has changed since.",
            where=out,
            hint="choose another folder with -o, or remove this one to begin anew",
        )
    return out


def sharpness(picture: Pixels) -> float:
    """Variance of the luma's Laplacian: low where all is blurred, by focus or by motion."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_32F).var())


def write_stills(
    film: Path, out: Path, most: int = 60, on_written: Callable[[int], None] = lambda count: None
) -> int:
    """Writes the sharpest stills of a film, up to `most`, as PNG files named by the frame's number; all or none.

    Args:
        out: a folder that does not exist yet.
        on_written: called after each still with how many are written.

    Returns:
        How many were written.

    Raises:
        FootageError: it cannot be read, or is black throughout.
    """
    clip = footage.probe(film)
    every = max(1, round(float(clip.rate) / FRAMES_A_SECOND))
    chosen: list[tuple[float, int]] = []
    shots = footage.find_shots(clip)
    for shot in shots:
        candidates: list[tuple[float, int, Pixels]] = []
        numbers = range(shot.start, shot.end, every)
        for frame in footage.pick_frames(clip, numbers):
            if frame.pixels.std() > BLANK:
                candidates.append((sharpness(frame.pixels), frame.index, thumbnail(frame.pixels)))
        taken: list[Pixels] = []
        for sharp, index, small in sorted(candidates, key=lambda each: -each[0]):
            if all(difference(small, other) >= DIFFERENT for other in taken):
                taken.append(small)
                chosen.append((sharp, index))
    if not chosen:
        raise FootageError("There is no picture in this film to learn from.", where=film)
    best = sorted(index for _, index in sorted(chosen, reverse=True)[:most])
    make_folder(out.parent)
    with temporary_folder(out.parent, f".{out.name}.") as draft:
        whole = draft / out.name
        whole.mkdir()
        for count, frame in enumerate(footage.pick_frames(clip, best), start=1):
            write_picture(frame.pixels, whole / f"{frame.index:06d}.png")
            on_written(count)
        atomic_write(whole / MADE_FROM, json.dumps(fingerprint_clip(clip)).encode())
        try:
            whole.replace(out)
        except OSError as error:
            raise cannot_write(out, error) from error
    return len(best)
