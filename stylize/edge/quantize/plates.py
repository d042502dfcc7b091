"""Frames of a clip to measure ranges on, and others of it to compare export and float on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stylize import footage
from stylize.diffusion.sizes import scale_down, working_size
from stylize.errors import FootageError
from stylize.footage.clip import Pixels
from stylize.storage.fingerprint import fingerprint_clip

CALIBRATION = 8
HELD_OUT = 4
"""Consecutive frames, so that their flicker can be measured."""
MIN_FRAMES = 2 + HELD_OUT
CALIBRATION_SIDE = 256
"""Short side, px, of the frames that ranges are measured on: ranges hardly depend on it, and time does."""


@dataclass(frozen=True)
class Plates:
    """Frames of a clip, (H, W, 3) float32 RGB in [0, 1].

    `calibration` are small ones that ranges are measured on, `numbers` theirs in the clip; `held_out` are
    others, at the size that they are drawn at, to compare the export with float on. `digest` stands for the
    former.
    """

    name: str
    digest: str
    numbers: tuple[int, ...]
    calibration: list[Pixels]
    held_out: list[Pixels]


def read_plates(
    clip: Path, short_side: int, shape: tuple[int, int] | None, count: int = CALIBRATION
) -> Plates:
    """Reads `count` frames of a clip, evenly spread, and `HELD_OUT` consecutive ones from its middle.

    Args:
        short_side: of the held-out frames, px.
        shape: (width, height), px, of all frames where the export is for one size.

    Raises:
        FootageError: the clip is too short to calibrate and to check.
    """
    found = footage.probe(clip)
    if found.frame_count < MIN_FRAMES:
        raise FootageError(
            f"This clip has {found.frame_count} frame{'s' * (found.frame_count != 1)}: at least {MIN_FRAMES} are "
            "needed to calibrate and to check.",
            where=clip,
            hint="give a clip with the light, faces and motion of those that will be drawn",
        )
    size = shape or working_size(found.width, found.height, short_side)
    small = shape or working_size(found.width, found.height, min(short_side, CALIBRATION_SIDE))
    start = (found.frame_count - HELD_OUT) // 2
    held_out = range(start, start + HELD_OUT)
    others = [number for number in range(found.frame_count) if number not in held_out]
    spread = np.linspace(0, len(others) - 1, min(count, len(others)))
    numbers = tuple(others[round(place)] for place in spread)
    read = sorted({*numbers, *held_out})
    frames = {
        number: _fit(frame.pixels, size if number in held_out else small)
        for number, frame in zip(read, footage.pick_frames(found, read), strict=True)
    }
    return Plates(
        clip.name,
        f"{fingerprint_clip(found)}/{small}/{numbers}",
        numbers,
        [frames[number] for number in numbers],
        [frames[number] for number in held_out],
    )


def _fit(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """The frame at (width, height) `size`; one of another aspect is cropped about its middle first."""
    height, width = pixels.shape[:2]
    scale = min(width / size[0], height / size[1])
    across, down = min(width, round(size[0] * scale)), min(height, round(size[1] * scale))
    left, top = (width - across) // 2, (height - down) // 2
    cut = np.ascontiguousarray(pixels[top : top + down, left : left + across])
    return scale_down(cut, size)
