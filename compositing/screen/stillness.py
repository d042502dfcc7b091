"""Whether the camera stands still, as far as the screen can tell."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

from compositing.colour import Image
from compositing.screen.colour import ScreenColour

ROWS = 270
ALIKE = 0.4
"""Correlation of the screen's fine pattern between frames from which it is the same pattern in the same place."""


def stands_still(lights: Sequence[Image], colour: ScreenColour) -> bool:
    """Whether the screen's marks, folds and grain of light stay where they are, from frame to frame.

    A screen without any pattern cannot tell: False is the safe answer, each frame then makes its own plate.

    Args:
        lights: scene-linear RGB of one size, spread over the shot.
    """
    if len(lights) < 2:
        return False
    patterns = [_pattern(light, colour) for light in lights]
    alike = [_correlation(first, second) for first, second in pairwise(patterns)]
    alike.append(_correlation(patterns[0], patterns[-1]))
    return float(np.median(alike)) > ALIKE and min(alike) > ALIKE / 2


def _pattern(light: Image, colour: ScreenColour) -> tuple[Image, Image]:
    scale = min(1.0, ROWS / light.shape[0])
    small = cv2.resize(light, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    kappa = np.log(np.maximum(colour.difference(small), np.float32(1e-3)))
    kappa = cv2.GaussianBlur(kappa, (0, 0), 1.0)
    wide = cv2.blur(kappa, (25, 25))
    screen = (colour.closeness(small) > 0.4).astype(np.uint8)
    return kappa - wide, cv2.erode(screen, np.ones((27, 27), np.uint8)).astype(bool)


def _correlation(first: tuple[Image, Image], second: tuple[Image, Image]) -> float:
    both = first[1] & second[1]
    if both.sum() < 100:
        return 0.0
    one, other = first[0][both], second[0][both]
    one, other = one - one.mean(), other - other.mean()
    return float((one * other).sum() / max(np.sqrt((one**2).sum() * (other**2).sum()), 1e-12))
