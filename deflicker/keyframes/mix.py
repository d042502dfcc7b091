"""Which key each point of a frame is taken from.

Drawings that are mixed half and half are a blur or a ghost where they disagree. So each point is taken from one
key, that which is believed most, and the choice is smooth in the frame and passes from the one key to the next
once between them, region by region, as belief in the one falls and in the other rises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import cv2
import numpy as np

from deflicker.arrays import Field, Plane
from deflicker.resize import REFERENCE_HEIGHT

FAINTEST = 0.003
"""Less belief than this is none."""
SLOPE = 1.5
"""How soon nearness in time outweighs belief."""
FARTHER = 2.5
"""What a key must be more believed for, as a logarithm, if another lies between."""
SHARP = 0.2
"""How narrow the passage from one key to the next is, as a logarithm of belief."""
SMOOTH = 1.5
"""Deviation over which belief is smoothed before the choice, in px at a height of 288."""
OPEN, KNOWN = 0.08, 0.35
"""Belief at which a point is open, and from which on it is known."""
BESIDE, SEAM = 2.0, 0.7
"""What lies so near to an open point is open too, and the deviation of the seam, in px at a height of 288. Outer
edges of outlines that a thing left behind stay there, and the carried picture is ten times as far from the truth as
farther inside (measured: squared errors of 3 to 5 and of .2 to .5, x1000)."""


@dataclass(frozen=True)
class Carried:
    """A key as a frame has it: its number, the flow from the frame to it, and how far to believe that."""

    key: int
    flow: Field
    sure: Plane


def choose(at: int, carried: Sequence[Carried]) -> tuple[list[Plane], Plane]:
    """The share of each key at each point of frame `at`, and how far the point is known at all.

    Args:
        carried: at least one, none of a key at the frame itself.

    Returns:
        the shares, (height, width) each, which add up to 1; and the knowledge, (height, width) in [0, 1].
    """
    unit = carried[0].sure.shape[0] / REFERENCE_HEIGHT
    before = [one.key for one in carried if one.key < at]
    after = [one.key for one in carried if one.key > at]
    scores = []
    for one in carried:
        smooth = cv2.GaussianBlur(one.sure, (0, 0), SMOOTH * unit)
        belief = cv2.log(np.maximum(smooth, np.float32(FAINTEST)))
        scores.append(belief + np.float32(_bias(at, one.key, before, after)))
    most = np.maximum.reduce(scores)
    shares = [cv2.exp((score - most) / np.float32(SHARP)) for score in scores]
    total = np.add.reduce(shares)
    shares = [cv2.divide(share, total) for share in shares]
    belief = np.add.reduce(
        [cv2.multiply(share, one.sure) for share, one in zip(shares, carried, strict=True)]
    )
    part = np.clip((belief - OPEN) / (KNOWN - OPEN), 0, 1)
    return shares, _shrunk(np.asarray(part * part * (3 - 2 * part), np.float32), unit)


def _shrunk(known: Plane, unit: float) -> Plane:
    """What is known, without its rims."""
    reach = 2 * round(BESIDE * unit) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    return cv2.GaussianBlur(cv2.erode(known, disc), (0, 0), SEAM * unit)


def _bias(at: int, key: int, before: list[int], after: list[int]) -> float:
    """What a key's place in time adds to the logarithm of belief in it."""
    nearest = max(before) if key < at else min(after)
    own = -SLOPE * log(1.0 * abs(at - key))
    return own if key == nearest else own - FARTHER
