"""Pairs of a live training as files: a frame, the frame after it, and the frame's drawing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from stylize.errors import UsageError
from stylize.footage.clip import Pixels
from stylize.storage.fingerprint import fingerprint, fingerprint_file
from stylize.storage.pictures import write_picture

Levels = NDArray[np.uint8]
PLANES = ("frame", "after", "drawn")
"""In the order in which a file holds them, one below the other."""


@dataclass(frozen=True)
class LivePair:
    """Pictures (H, W, 3) uint8 RGB. `after` is the next frame of the same shot, or `frame` itself where there is
    none."""

    frame: Levels
    after: Levels
    drawn: Levels


def fingerprint_pairs(folder: Path) -> str:
    """Stands for all pairs of a training, by their names and contents."""
    files = sorted(folder.rglob("[!.]*.png"))
    return fingerprint([[str(file.relative_to(folder)), fingerprint_file(file)] for file in files])


def write_pair(path: Path, frame: Pixels, after: Pixels, drawn: Pixels) -> None:
    """One 8-bit PNG, whole or not at all.

    Raises:
        CannotWrite: it could not be written.
    """
    write_picture(np.concatenate([frame, after, drawn], axis=0), path, fast=True)


def read_pair(path: Path) -> LivePair:
    """Reads what `write_pair` wrote.

    Raises:
        UsageError: the file does not decode, or holds something else.
    """
    stored = cv2.imread(str(path))
    if stored is None or stored.shape[0] % len(PLANES):
        raise UsageError(
            "This pair is broken.", where=path, hint="delete it: the same command makes it again"
        )
    stack = stored[..., ::-1].reshape(len(PLANES), -1, *stored.shape[1:])
    return LivePair(*(np.ascontiguousarray(plane, np.uint8) for plane in stack))
