"""A photograph, and the cels that its drawing is assembled from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from stylize.storage.pictures import write_picture

Picture = NDArray[np.float32]
PLANES = ("photo", "two", "three", "painted", "ink")
"""In the order in which a file holds them, one below the other."""


@dataclass(frozen=True)
class Cels:
    """What drawings of one scene with any attributes are made of; all (H, W, 3) float32 in [0, 1].

    Attributes:
        photo: the photograph, without sensor noise and compression.
        two: the paint in two tones, in the photograph's colours, without ink.
        three: the same in three tones.
        painted: the same in two tones, with soft light and shade in the background.
        ink: coverage of the lines, a channel each for thin, medium and thick ones.
    """

    photo: Picture
    two: Picture
    three: Picture
    painted: Picture
    ink: Picture

    def write(self, path: Path) -> None:
        """One 8-bit PNG, whole or not at all.

        Raises:
            CannotWrite: it could not be written.
        """
        write_picture(np.concatenate([getattr(self, plane) for plane in PLANES], axis=0), path, fast=True)


def read_cels(path: Path) -> NDArray[np.uint8]:
    """The cels of a picture as (5, H, W, 3) uint8 RGB, in the order of `PLANES`.

    Raises:
        ValueError: the file is not there, does not decode, or holds something else.
    """
    stored = cv2.imread(str(path))
    if stored is None or stored.shape[0] % len(PLANES):
        raise ValueError(f"{path} is missing or broken: prepare the pairs again.")
    stack = stored[..., ::-1].reshape(len(PLANES), -1, *stored.shape[1:])
    return np.ascontiguousarray(stack)
