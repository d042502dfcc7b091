"""Painted frames as files: which there are, and their pixels."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from deflicker.keyframes import Key, shifted
from stylize.errors import UsageError
from stylize.footage.clip import Clip, Pixels
from stylize.footage.keyframes.names import HINT, frame_named
from stylize.footage.keyframes.painting import KINDS, read_painting

SHAPE = 0.01
"""How far the proportions of a key and its clip may differ: sizes are rounded."""


def find_keys(folder: Path, clip: Clip) -> dict[int, Path]:
    """The painted files of a folder by the frames that their names say, ascending.

    Raises:
        UsageError: there is no such folder, no picture in it, a name that says no frame, or two of one frame.
    """
    if not folder.is_dir():
        raise UsageError("There is no folder of keys here.", where=folder, hint="--keyframes takes a folder")
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in KINDS and file.is_file())
    files = [file for file in files if not file.name.startswith(".")]
    if not files:
        raise UsageError("The folder of keys holds no picture.", where=folder, hint=HINT)
    found: dict[int, Path] = {}
    for file in files:
        at = frame_named(file, clip)
        if at in found:
            raise UsageError(
                f"Two keys are of frame {at}: {found[at].name} and {file.name}.",
                where=folder,
                hint="leave one of them",
            )
        found[at] = file
    return dict(sorted(found.items()))


def check_shape(pixels: Pixels, clip: Clip, path: Path) -> None:
    """Refuses a key of other proportions than the clip's.

    Raises:
        UsageError: it is one.
    """
    rows, columns = pixels.shape[:2]
    if abs(columns / rows / (clip.width / clip.height) - 1) > SHAPE:
        raise UsageError(
            f"This key is {columns}x{rows}, the clip {clip.width}x{clip.height}: they are of different shapes.",
            where=path,
            hint="paint over the exported plate as it is, or crop the key to the clip's proportions",
        )


def load_key(at: int, path: Path, shift: tuple[float, float], size: tuple[int, int]) -> Key:
    """A key at (width, height) `size`, moved by `shift`, in parts of the width and height.

    Raises:
        FootageError: the file cannot be read any more.
    """
    pixels, alpha = read_painting(path)
    picture = _resized(pixels, size)
    painted = None if alpha is None else _resized(alpha, size)
    if shift == (0.0, 0.0):
        return Key(at, picture, painted)
    picture, inside = shifted(picture, shift)
    if painted is not None:
        inside = inside * shifted(painted, shift)[0]
    return Key(at, picture, inside)


def _resized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    if (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    how = cv2.INTER_AREA if pixels.shape[1] > size[0] else cv2.INTER_CUBIC
    return np.clip(cv2.resize(pixels, size, interpolation=how), 0, 1, dtype=np.float32)
