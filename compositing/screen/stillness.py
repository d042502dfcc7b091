"""Whether the camera stands still, as far as the screen shows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

from compositing.camera.marks import follow
from compositing.colour import Image, srgb_from_linear
from compositing.screen.colour import ScreenColour
from compositing.screen.motion import subject_mask

ROWS = 270
ALIKE = 0.4
"""Correlation of the screen's fine pattern between frames from which it is the same pattern in the same place."""
FEWEST, MOVED_PX = 8, 1.0
"""Marks that must be found again for the screen to have moved, and how far."""


def stands_still(lights: Sequence[Image], colour: ScreenColour) -> bool:
    """Whether the screen's marks, folds and grain of light stay where they are, from frame to frame.

    A screen without any pattern does not show it: False is the safe answer, each frame then makes its own plate.

    Args:
        lights: scene-linear RGB of one size, spread over the shot.
    """
    if len(lights) < 2:
        return False
    small = [_shrunk(light) for light in lights]
    if _has_moved(small, colour):
        return False
    patterns = [_pattern(each, colour) for each in small]
    alike = [_correlation(first, second) for first, second in pairwise(patterns)]
    alike.append(_correlation(patterns[0], patterns[-1]))
    return float(np.median(alike)) > ALIKE and min(alike) > ALIKE / 2


def _has_moved(lights: Sequence[Image], colour: ScreenColour) -> bool:
    """Whether marks lie elsewhere in the next frame: a level seam, for one, looks the same all along a pan."""
    small = [srgb_from_linear(light) for light in lights]
    masks = [subject_mask(each, colour) for each in small]
    for one, other in pairwise(range(len(small))):
        marks = follow([small[one], small[other]], [masks[one], masks[other]], most=60)
        first, second = marks.shared(0, 1)
        if len(first) < FEWEST:
            continue
        if np.median(np.linalg.norm(marks.place[second] - marks.place[first], axis=1)) > MOVED_PX:
            return True
    return False


def _shrunk(light: Image) -> Image:
    scale = min(1.0, ROWS / light.shape[0])
    return cv2.resize(light, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _pattern(light: Image, colour: ScreenColour) -> tuple[Image, Image]:
    kappa = np.log(np.maximum(colour.difference(light), np.float32(1e-3)))
    kappa = cv2.GaussianBlur(kappa, (0, 0), 1.0)
    wide = cv2.blur(kappa, (25, 25))
    screen = (colour.closeness(light) > 0.4).astype(np.uint8)
    return kappa - wide, cv2.erode(screen, np.ones((27, 27), np.uint8)).astype(bool)


def _correlation(first: tuple[Image, Image], second: tuple[Image, Image]) -> float:
    both = first[1] & second[1]
    if both.sum() < 100:
        return 0.0
    one, other = first[0][both], second[0][both]
    one, other = one - one.mean(), other - other.mean()
    return float((one * other).sum() / max(np.sqrt((one**2).sum() * (other**2).sum()), 1e-12))
