"""A clean plate for a camera that moves: its views of the screen, laid over each other and seen frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Image, Plane
from compositing.screen.colour import ScreenColour
from compositing.screen.motion import Motion, carried
from compositing.screen.plate import combine

WIDEST = 4.0
"""A clean plate is at most this many times as large as a frame: a camera that turns farther makes several shots."""
MOST_PIXELS = 30_000_000
"""Of all views together, as they lie on the plate."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Mosaic:
    """A plate that is larger than the frames, how well it is known, and where each frame of the shot lies on it."""

    plate: Image
    known: Plane
    on_plate: Matrix
    size: tuple[int, int]

    def seen_by(self, number: int) -> tuple[Image, Plane]:
        """The part that frame `number` of the shot shows, and how well it is known: as `combine` gives them."""
        back = np.linalg.inv(self.on_plate[number])
        plate, known = (
            cv2.warpPerspective(each, back, self.size, flags=cv2.INTER_LINEAR)
            for each in (self.plate, self.known)
        )
        return plate, known


def lay_mosaic(
    samples: Sequence[Image], numbers: Sequence[int], motion: Motion, colour: ScreenColour
) -> Mosaic | None:
    """The clean plate of a shot before a moving camera, or None where it would be too large.

    Args:
        samples: some frames, scene-linear RGB, (height, width, 3).
        numbers: which frames of the shot they are.
        motion: of all of its frames.
    """
    rows, columns = samples[0].shape[:2]
    corners = np.array([[-0.5, -0.5], [columns - 0.5, -0.5], [-0.5, rows - 0.5], [columns - 0.5, rows - 0.5]])
    reach = np.concatenate([carried(corners, matrix) for matrix in motion.to_home])
    low, high = np.floor(reach.min(axis=0)), np.ceil(reach.max(axis=0))
    width, height = (int(each) + 1 for each in high - low)
    if not np.isfinite(reach).all() or width * height > WIDEST * rows * columns:
        return None
    shift = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1.0]])
    on_plate = shift @ motion.to_home
    most = max(2, MOST_PIXELS // (width * height))
    chosen = np.unique(np.linspace(0, len(samples) - 1, min(most, len(samples))).round().astype(int))
    laid = [
        np.maximum(
            cv2.warpPerspective(
                samples[k],
                on_plate[numbers[k]],
                (width, height),
                flags=cv2.INTER_CUBIC,
                borderValue=(0, 0, 0),
            ),
            0,
        )
        for k in chosen
    ]
    plate, known = combine(laid, colour)
    return Mosaic(plate, known, on_plate, (columns, rows))
