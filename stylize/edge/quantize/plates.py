"""Footage to calibrate on, and other frames of it to check on."""

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
"""Neighbours, so that their flicker can be measured; drawn with float and with the export."""
LEAST = 2 + HELD_OUT
CALIBRATED_AT = 256
"""Short side, px, of the frames that ranges are measured on: they do not hang on the size, and time does."""


@dataclass(frozen=True)
class Plates:
    """Frames of a clip: small ones that ranges are measured on, and neighbours apart from them that the export is
    held against, at the size they are drawn at. `numbers` are the former's in the clip."""

    name: str
    digest: str
    numbers: tuple[int, ...]
    calibration: list[Pixels]
    held_out: list[Pixels]


def read_plates(
    clip: Path, short_side: int, shape: tuple[int, int] | None, count: int = CALIBRATION
) -> Plates:
    """Reads a clip's frames, evenly spread.

    Args:
        short_side: px, of the frames drawn; `shape` (width, height) in its place where a size is fixed.

    Raises:
        FootageError: the clip is too short to calibrate and to check.
    """
    found = footage.probe(clip)
    if found.frame_count < LEAST:
        raise FootageError(
            f"This clip has {found.frame_count} frame{'s' * (found.frame_count != 1)}: at least {LEAST} are needed "
            "to calibrate and to check.",
            where=clip,
            hint="give a clip with the light, faces and motion of those that will be drawn",
        )
    size = shape or working_size(found.width, found.height, short_side)
    small = shape or working_size(found.width, found.height, min(short_side, CALIBRATED_AT))
    start = (found.frame_count - HELD_OUT) // 2
    held_out = range(start, start + HELD_OUT)
    others = [number for number in range(found.frame_count) if number not in held_out]
    spread = np.linspace(0, len(others) - 1, min(count, len(others)))
    numbers = tuple(others[round(place)] for place in spread)
    wanted = sorted({*numbers, *held_out})
    frames = {
        number: _fit(frame.pixels, size if number in held_out else small)
        for number, frame in zip(wanted, footage.pick_frames(found, wanted), strict=True)
    }
    return Plates(
        clip.name,
        f"{fingerprint_clip(found)}/{small}/{numbers}",
        numbers,
        [frames[number] for number in numbers],
        [frames[number] for number in held_out],
    )


def _fit(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """The frame at that size; one of another shape is cut to it about its middle first."""
    height, width = pixels.shape[:2]
    scale = min(width / size[0], height / size[1])
    across, down = min(width, round(size[0] * scale)), min(height, round(size[1] * scale))
    left, top = (width - across) // 2, (height - down) // 2
    cut = np.ascontiguousarray(pixels[top : top + down, left : left + across])
    return scale_down(cut, size)
