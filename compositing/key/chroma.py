"""Gives halved chroma the edges that luma kept."""

from __future__ import annotations

import cv2
import numpy as np

from compositing.colour import Image, Plane

REACH = 7
"""Side of the window, px, in which chroma is taken to follow luma by one straight line."""
BLUR = 1.6
"""How soft chroma is beside luma after 4:2:0 and a codec: a Gaussian's sigma, px."""
HALVED = 0.5
"""Fineness of chroma, as a share of luma's, below which it was stored at half resolution."""
FLAT = np.float32(1e-4)
"""Variance of luma below which nothing is to be followed."""


def restore_chroma(coded: Image) -> Image:
    """Sharpens chroma that was stored at half resolution, by the luma at full resolution.

    Across an edge between two colours, chroma is a straight line of luma. The line is fitted around each pixel
    between chroma and luma made equally soft; what luma has beyond that softness then moves chroma along it.
    (The linear model is the guided filter's, He et al., TPAMI 2013, with the guide blurred to the target.)

    Args:
        coded: display-referred RGB, (height, width, 3) in [0, 1].

    Returns:
        The same shape; luma is unchanged, and values may leave [0, 1] a little.
    """
    luma, red, blue = cv2.split(cv2.cvtColor(coded, cv2.COLOR_RGB2YCrCb))
    soft = cv2.GaussianBlur(luma, (0, 0), BLUR)
    mean = _box(soft)
    variance = _box(soft * soft) - mean * mean + FLAT
    detail = (luma - soft) / variance
    red += (_box(red * soft) - _box(red) * mean) * detail
    blue += (_box(blue * soft) - _box(blue) * mean) * detail
    return cv2.cvtColor(cv2.merge([luma, red, blue]), cv2.COLOR_YCrCb2RGB)


def has_halved_chroma(coded: Image) -> bool:
    """Whether a frame's chroma came from half its resolution.

    It then has next to nothing in its finest octave, beside what it has in the one below; luma is no judge, as
    it may be soft as well.

    Args:
        coded: display-referred RGB, (height, width, 3) in [0, 1].
    """
    luma, red, blue = cv2.split(cv2.cvtColor(coded, cv2.COLOR_RGB2YCrCb))
    return max(_fineness(red), _fineness(blue)) < HALVED * _fineness(luma)


def _fineness(plane: Plane) -> float:
    """What is finer than two pixels, as a share of what is finer than four (means of their squares)."""
    fine = plane - cv2.GaussianBlur(plane, (0, 0), 0.7)
    medium = cv2.GaussianBlur(plane, (0, 0), 0.7) - cv2.GaussianBlur(plane, (0, 0), 1.4)
    return float(np.square(fine).mean() / max(float(np.square(medium).mean()), 1e-12))


def _box(plane: Plane) -> Plane:
    return cv2.boxFilter(plane, -1, (REACH, REACH))
