"""Mattes that somebody else made: a folder or a sequence of stills, one a frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from compositing.colour import Image, Plane
from compositing.matte import Keyed, cut_out
from stylize.errors import FootageError, UsageError
from stylize.footage.clip import Clip, Shot
from stylize.footage.photograph import read_photograph
from stylize.footage.sequence import Pattern, complete_numbers

SUFFIXES = (".png", ".exr", ".tif", ".tiff", ".jpg", ".jpeg")


def matte_files(path: Path, clip: Clip) -> list[Path]:
    """The matte of every frame of a clip: the files of a folder by name, or of a pattern by number.

    Raises:
        UsageError: there is no such folder or sequence.
        FootageError: there are fewer mattes than frames.
    """
    pattern = None if path.exists() else Pattern.parse(path)
    if pattern is not None:
        files = [pattern.file(number) for number in complete_numbers(pattern)]
    elif path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES)
    else:
        raise UsageError(
            "There are no mattes here.",
            where=path,
            hint="Give a folder of stills, a pattern such as mattes/shot.%06d.png, screen, or rembg.",
        )
    if len(files) < clip.frame_count:
        raise FootageError(
            f"There are {len(files)} mattes for the clip's {clip.frame_count} frames.",
            where=path,
            hint="Give one for every frame of the clip, in the order of their names.",
        )
    return files


def read_matte(path: Path, clip: Clip) -> Plane:
    """One matte, (height, width) float32 in [0, 1]: alpha where the file has it, else its grey.

    Raises:
        FootageError: the file is damaged, or not of the clip's size.
    """
    plane = _read_exr(path) if path.suffix.lower() == ".exr" else _read_picture(path)
    if plane.shape != (clip.height, clip.width):
        raise FootageError(
            f"The matte is {plane.shape[1]}x{plane.shape[0]}, the clip {clip.width}x{clip.height}.",
            where=path,
            hint="Render the mattes at the clip's size.",
        )
    return np.clip(plane, 0, 1)


class GivenMattes:
    """The mattes of one shot, from files. The subject's colours at their edges are estimated."""

    def __init__(self, path: Path, clip: Clip, shot: Shot) -> None:
        self._clip = clip
        self._files = matte_files(path, clip)[shot.start : shot.end]

    def key(self, frames: Iterable[Image], first: int = 0) -> Iterator[Keyed]:
        for file, coded in zip(self._files[first:], frames, strict=False):
            yield cut_out(coded, read_matte(file, self._clip))


def _read_exr(path: Path) -> Plane:
    from stylize.footage.exr import read_alpha

    return read_alpha(path)


def _read_picture(path: Path) -> Plane:
    picture = read_photograph(path, convert=False)
    return picture.pixels[..., 1] if picture.alpha is None else picture.alpha
