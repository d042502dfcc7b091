"""Whether a painting is of another frame of its shot than its name says.

Where nothing moves, all frames of a shot are alike, and a painting lies over each of them. So it is compared with
its own plate and with others only where these two differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from deflicker.keyframes import likeness, shifted
from stylize.footage.clip import Pixels, Shot

LOOKED_AT = 8
"""Frames of a shot with which its keys are compared."""
HEIGHT_PX = 180
DIFFERS = 0.1
"""A difference of two plates from which on a place counts wholly."""
LEAST = 0.3
"""A likeness below this, where the plates differ, says nothing of another frame."""
LIKELIER = 2.0
"""How much likelier another frame must be."""


@dataclass(frozen=True)
class Misnamed:
    """The frame that a painting looks like, and its likeness to that and to its own, where the two differ."""

    frame: int
    likeness: float
    own: float


def frames_to_compare(shots: Sequence[Shot], keys: Sequence[int]) -> list[int]:
    """Frames evenly spread over every shot that has a key, and the keys' own, ascending."""
    found = set(keys)
    for shot in shots:
        if any(at in shot for at in keys):
            places = np.linspace(shot.start, shot.end - 1, min(LOOKED_AT, len(shot)))
            found |= {int(place) for place in places}
    return sorted(found)


def reduced(pixels: Pixels) -> Pixels:
    """A picture at the height at which paintings are compared."""
    rows, columns = pixels.shape[:2]
    size = (max(16, round(columns * HEIGHT_PX / rows)), HEIGHT_PX)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32)


def misnamed(
    painted: Pixels, alpha: Pixels | None, shift: tuple[float, float], at: int, plates: Mapping[int, Pixels]
) -> Misnamed | None:
    """The frame that a painting is likelier to be of than that of its name; None where there is none.

    Args:
        painted: (H, W, 3) float32 in [0, 1]; `alpha`: what of it counts, (H, W).
        shift: what lays it over the plate of its name, in parts of width and height.
        at: the frame that its name says.
        plates: frames of its shot by number, its own among them, as `reduced` gives them.
    """
    small, own = reduced(painted), plates[at]
    counts = np.ones(small.shape[:2], np.float32) if alpha is None else reduced(alpha)
    if shift != (0.0, 0.0):
        small, inside = shifted(small, shift)
        counts = shifted(counts, shift)[0] * inside
    best: Misnamed | None = None
    for other, plate in plates.items():
        if other == at:
            continue
        apart = cv2.GaussianBlur(np.abs(plate - own).max(axis=2), (0, 0), 2)
        where = np.asarray(np.clip(apart / DIFFERS, 0, 1) * counts, np.float32)
        here, there = (likeness(small, each, where) for each in (own, plate))
        if there > max(LEAST, LIKELIER * here) and (best is None or there > best.likeness):
            best = Misnamed(other, there, here)
    return best
