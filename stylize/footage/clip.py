"""The facts about footage that the rest of the house passes around."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]
"""RGB, shape (height, width, 3), in [0, 1], in the clip's own transfer (display-referred)."""


@dataclass(frozen=True)
class Audio:
    """One audio stream of the source, copied packet by packet into the film."""

    stream: int
    codec: str
    sample_rate: int
    channels: int


@dataclass(frozen=True)
class Colour:
    """The stream's colour tags, by ffmpeg's names; None where the source says nothing."""

    primaries: str | None = None
    transfer: str | None = None
    matrix: str | None = None
    range: str | None = None


@dataclass(frozen=True)
class Clip:
    """A probed piece of footage: a film file, or a numbered image sequence.

    `width` and `height` are those a viewer sees, after rotation. `frame_count` is the number of frames
    that decode, counted, not the container's claim. Times are exact: a frame's time in seconds is
    `pts * time_base`.
    """

    path: Path
    width: int
    height: int
    rate: Fraction
    time_base: Fraction
    frame_count: int
    rotation: int = 0
    """Degrees clockwise that the stored picture is turned to stand upright: 0, 90, 180 or 270."""
    pixel_aspect: Fraction = Fraction(1)
    bit_depth: int = 8
    colour: Colour = Colour()
    audio: tuple[Audio, ...] = ()
    first_number: int | None = None
    """The number of the first file, for an image sequence; None for a film file."""

    @property
    def is_sequence(self) -> bool:
        return self.first_number is not None


@dataclass(frozen=True)
class Shot:
    """A run of frames between two cuts: `start` included, `end` not."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def __contains__(self, index: int) -> bool:
        return self.start <= index < self.end


@dataclass(frozen=True)
class Frame:
    """One frame: its number from 0 in the clip, its time in the clip's time base, and its pixels."""

    index: int
    pts: int
    pixels: Pixels
