"""What is surely the subject, what is surely the screen, and the edge between them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from compositing.colour import Image, Plane
from compositing.key.difference import Difference

CLEAR = 0.94
"""Rough alpha from which a pixel is the subject's."""
SOLID = 0.25
"""Rough alpha that makes a pixel the subject's where everything within `DEPTH` has as much."""
DEPTH = 1 / 45
"""In heights: what is wider than twice this is no hair and no smear."""
FIRM, SHALLOW = 0.7, 1 / 90
"""The same for what has nearly none of the screen's colour: a light shoe in the screen's own light."""
NOISES = 3.0
"""How many standard deviations from the clean plate are still the bare screen."""
AROUND, MARKED = 1 / 30, 0.3
"""In heights, what is around a mark; and the share of its light that noise may make at most."""
SPECK = 1 / 30
"""In heights: a hole of this width may be a glint."""
QUIET, LOUD = 0.008, 0.08
"""Within what the noise is believed."""
KERNEL = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class Compared:
    """A picture beside its clean plate: the rough matte, the noise as in `Trimap`, and what is within it."""

    rough: Plane
    noise: float
    bare: Plane


@dataclass(frozen=True)
class Trimap:
    """Boolean `core` and `bare`, (height, width); the rough matte; the screen's noise, as a share of its kappa."""

    core: Plane
    bare: Plane
    rough: Plane
    noise: float

    @property
    def edge(self) -> Plane:
        """Everything between."""
        return ~(self.core | self.bare)


def compared(light: Image, screen: Image, difference: Difference, height: int | None = None) -> Compared:
    """What departs from the clean plate by more than noise, in kappa or in lightness.

    Args:
        light, screen: scene-linear RGB, (rows, columns, 3).
        height: of the whole frame, px, where these are a part of it.
    """
    rows = height or light.shape[0]
    full: Plane = np.maximum(difference(screen), np.float32(1e-4))
    left: Plane = difference(light)
    left /= full
    rough = np.subtract(1, left)
    np.clip(rough, 0, 1, out=rough)
    noise = _noise(left)
    grey = np.full((1, 3), 1 / 3, np.float32)
    level = cv2.transform(screen, grey)
    away = cv2.absdiff(cv2.transform(light, grey), level)
    # On a dark mark the same noise is a larger share of what little there is.
    limit: Plane = cv2.blur(full, (2 * round(AROUND * rows) + 1,) * 2)
    limit /= full
    np.maximum(limit, 1, out=limit)
    limit *= np.float32(NOISES * noise)
    np.minimum(limit, np.float32(MARKED), out=limit)
    bare = rough < limit
    limit *= level
    limit *= 2
    limit += np.float32(0.002)
    bare &= away < limit
    return Compared(rough, noise, bare)


def split(light: Image, screen: Image, difference: Difference, height: int | None = None) -> Trimap:
    """The trimap of one frame.

    The bare screen is what lies within the noise of the clean plate, in kappa and in lightness. The core is
    what has nothing of the screen, and the inside of wide things that the colour difference leaves half
    transparent all over: warm skin before a yellow wall, denim before blue.

    Args:
        light, screen: scene-linear RGB, (rows, columns, 3): the frame, and its clean plate.
        height: of the whole frame, px, where these are a part of it.
    """
    rows = height or light.shape[0]
    there = compared(light, screen, difference, height)
    rough, noise, bare = there.rough, there.noise, there.bare
    bare_mask = cv2.erode(cv2.medianBlur(bare.astype(np.uint8), 3), KERNEL)
    inside = cv2.distanceTransform((rough > SOLID).astype(np.uint8), cv2.DIST_L2, 3)
    firm = cv2.distanceTransform((rough > FIRM).astype(np.uint8), cv2.DIST_L2, 3)
    core = (rough > CLEAR) | (inside > DEPTH * rows) | (firm > SHALLOW * rows)
    core_mask = cv2.erode(core.astype(np.uint8), KERNEL)
    core_mask = (core_mask | _specks(core_mask, bare, rows)).astype(bool)
    return Trimap(core_mask, bare_mask.astype(bool) & ~core_mask, rough, noise)


def _specks(core: Plane, bare: Plane, rows: int) -> Plane:
    """Small holes in the core that show nothing of the screen, 0 or 1: a gold ring before a yellow wall."""
    _, labels, facts, _ = cv2.connectedComponentsWithStats(1 - core, connectivity=4)
    sides = facts[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    filled = np.zeros_like(core)
    for label in np.flatnonzero(sides <= SPECK * rows):
        left, top, width, height, _ = facts[label]
        box = slice(top, top + height), slice(left, left + width)
        hole = labels[box] == label
        if not (hole & bare[box]).any():
            filled[box] |= hole.astype(np.uint8)
    return filled


def _noise(left: Plane) -> float:
    """The standard deviation of kappa on the bare screen, from the median of its deviations."""
    sample = left[::4, ::4]
    sample = sample[np.abs(sample - 1) < 0.25]
    if len(sample) < 50:
        return LOUD
    return float(np.clip(1.4826 * np.median(np.abs(sample - np.median(sample))), QUIET, LOUD))


def shared_colour(trimap: Trimap) -> float:
    """How much of the subject's core the colour difference alone leaves half transparent, as a share of it.

    What has exactly the screen's colour is no core: it looks like the screen, and cannot be counted.
    """
    return int((trimap.core & (trimap.rough < 0.6)).sum()) / max(int(trimap.core.sum()), 1)
