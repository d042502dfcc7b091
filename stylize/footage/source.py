"""Footage as a pass reads it: the frames of a clip under a job's own numbers, at one size, free of NaN."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stylize.footage.clip import Clip, Pixels
from stylize.footage.decoder import pick_frames
from stylize.footage.sequence import source_files


@dataclass(frozen=True)
class FootageSource:
    """Frames of a clip: frame n of the job is the clip's frame n - `first`.

    `size` is (width, height) px that the frames are brought to; None leaves the clip's own.
    """

    clip: Clip
    first: int = 0
    size: tuple[int, int] | None = None

    @property
    def files(self) -> list[Path]:
        """The file of a film, or all files of an image sequence."""
        return source_files(self.clip)

    def read(self, numbers: Sequence[int]) -> Iterator[Pixels]:
        """The frames of these ascending numbers, (height, width, 3) float32 RGB in [0, 1].

        Raises:
            FootageError: a frame is damaged.
        """
        for frame in pick_frames(self.clip, [number - self.first for number in numbers]):
            yield frame.pixels if self.size is None else _resized(frame.pixels, self.size)


def _resized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    import cv2

    if (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    how = cv2.INTER_AREA if pixels.shape[1] > size[0] else cv2.INTER_LINEAR
    return np.clip(cv2.resize(pixels, size, interpolation=how), 0, 1, dtype=np.float32)
