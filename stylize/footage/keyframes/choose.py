"""Which frames a film is carried from: evenly spread where a model is to draw them, else those that agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np

from deflicker.keyframes import GUIDE_HEIGHT, Palette, agreeing_keys
from stylize.footage.cadence import ExposureSheet
from stylize.footage.clip import Pixels, Shot
from stylize.footage.source import FootageSource

AUTO_EVERY = 6
"""Frames from key to key where their number is left open: no frame is more than five away from one."""
CANDIDATES_EVERY = 3
"""Of finished frames, one in so many is looked at as a key."""
KeyCount = Literal["auto"] | int


def choose_keys(shots: Sequence[Shot], sheet: ExposureSheet, count: KeyCount) -> tuple[int, ...]:
    """Frames evenly spread over each shot, all of them drawings of the exposure sheet.

    Those at its ends lie a quarter of the way between two from its first and its last frame: a frame between two
    keys finds in the one what is hidden in the other, and a frame outside of them has one only.

    Args:
        count: how many in each shot; "auto" for one in six frames.
    """
    keys: set[int] = set()
    for shot in shots:
        wanted = max(1, round(len(shot) / AUTO_EVERY)) if count == "auto" else min(count, len(shot))
        apart = (len(shot) - 1) / (wanted - 0.5)
        places = (shot.start + int((n + 0.25) * apart + 0.5) for n in range(wanted))
        keys |= {max(sheet.drawing_at(at), shot.start) for at in places}
    return tuple(sorted(keys))


def keys_that_agree(
    stylized: FootageSource, plate: FootageSource, shots: Sequence[Shot], count: int | None
) -> dict[int, Palette]:
    """The finished frames of each shot to keep, of which each shows what the one before it shows; with what brings
    the colours of each to those of the others in its shot.

    Args:
        count: how many in each shot; None for as many as are worth it.
    """
    keys: dict[int, Palette] = {}
    for shot in shots:
        numbers = range(shot.start, shot.end)
        photographs = (_small(frame) for frame in plate.read(numbers))
        guides = {
            at: np.rint(frame * 255).astype(np.uint8) for at, frame in zip(numbers, photographs, strict=True)
        }
        tried = numbers[(len(numbers) - 1) % CANDIDATES_EVERY // 2 :: CANDIDATES_EVERY]
        drawn = {at: _small(frame) for at, frame in zip(tried, stylized.read(tried), strict=True)}
        keys |= agreeing_keys(guides, drawn, count)
    return keys


def _small(picture: Pixels) -> Pixels:
    rows, columns = picture.shape[:2]
    scale = min(1.0, GUIDE_HEIGHT / rows)
    size = max(1, round(columns * scale)), max(1, round(rows * scale))
    return np.clip(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), 0, 1, dtype=np.float32)
