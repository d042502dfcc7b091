"""A clean plate for a camera that moves: its views of the screen, laid over each other and seen frame by frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Image, Plane
from compositing.screen.clean import Window
from compositing.screen.colour import ScreenColour
from compositing.screen.motion import Motion, carried
from compositing.screen.plate import COARSE, coarse, combine

WIDEST = 4.0
"""A clean plate is at most this many times as large as a frame: a camera that turns farther makes several shots."""
MOST_PIXELS = 30_000_000
"""Of all views together, as they lie on the plate."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class MosaicPlate:
    """A plate that is larger than the frames, how well it is known, and where each frame of the shot lies on it."""

    plate: Image
    known: Plane
    on_plate: Matrix
    size: tuple[int, int]

    @cached_property
    def _coarse(self) -> tuple[Image, Plane]:
        return coarse(self.plate), coarse(self.known)

    def coarse(self, number: int) -> tuple[Image, Plane]:
        """The part that frame `number` of the shot shows, and how well it is known, both `coarse`."""
        size = (max(1, self.size[0] // COARSE), max(1, self.size[1] // COARSE))
        whole = (self.plate.shape[1], self.plate.shape[0])
        from_plate = np.linalg.inv(_scaled(whole, self._coarse[1].shape[::-1]))
        back = _scaled(self.size, size) @ np.linalg.inv(self.on_plate[number]) @ from_plate
        plate, known = (cv2.warpPerspective(each, back, size) for each in self._coarse)
        return plate, known

    def part(self, number: int, window: Window) -> Image:
        """What a window of frame `number` shows."""
        rows, columns = window
        shift = np.array([[1, 0, -columns.start], [0, 1, -rows.start], [0, 0, 1.0]])
        size = (columns.stop - columns.start, rows.stop - rows.start)
        return cv2.warpPerspective(self.plate, shift @ np.linalg.inv(self.on_plate[number]), size)


def _scaled(size: tuple[int, ...], wanted: tuple[int, ...]) -> Matrix:
    """From the pixels of a picture to those of the same at another size."""
    across, down = wanted[0] / size[0], wanted[1] / size[1]
    return np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2], [0, 0, 1]])


def build_mosaic(
    samples: Sequence[Image], numbers: Sequence[int], motion: Motion, colour: ScreenColour
) -> MosaicPlate | None:
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

    def laid() -> Iterator[Image]:
        for k in chosen:
            matrix, size = on_plate[numbers[k]], (width, height)
            view = cv2.warpPerspective(samples[k], matrix, size, flags=cv2.INTER_CUBIC, borderValue=(0, 0, 0))
            yield np.maximum(view, 0, out=view)

    shown = np.zeros((height, width), np.uint8)
    for k in chosen:
        whole = np.ones((rows, columns), np.uint8)
        there = cv2.warpPerspective(whole, on_plate[numbers[k]], (width, height), flags=cv2.INTER_NEAREST)
        shown = np.maximum(shown, np.asarray(there, np.uint8))
    plate, known = combine(laid(), colour, shown > 0)
    return MosaicPlate(plate, known, on_plate, (columns, rows))
