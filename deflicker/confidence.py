"""How far a flow can be believed, pixel by pixel, in [0, 1].

Three tests, multiplied: the way there and back must end where it began (Sundaram et al., ECCV 2010, made soft),
both ends must look alike, and the place must lie inside the frame. All three read the photographed
frames only, so no flicker of the drawing can enter.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from deflicker.arrays import Field, Image, Plane, set_where
from deflicker.warp import grid, warp

RELATIVE = 0.01
ABSOLUTE_PX2 = 0.5
PHOTOMETRIC = 12 / 255
BESIDE = 1.0
"""So many pixels: without them all that a film shows along its borders would be left to flicker."""
OUTSIDE = 50.0
"""A cost that leaves no confidence: exp(-50)."""


def round_trip_cost(forward: Field, backward: Field) -> Plane:
    """The exponent of the forward-backward test: |F + B(x+F)|^2 / 2(.01(|F|^2 + |B|^2) + .5).

    Pixels whose target lies outside the frame cost `OUTSIDE`. Costs of successive steps add up, as their
    confidences exp(-cost) multiply.

    Args:
        forward, backward: F(t->u) and F(u->t), (height, width, 2) float32 px.

    Returns:
        (height, width) float32 in [0, OUTSIDE].
    """
    back = warp(backward, forward, smooth=False)
    miss = squared(cv2.add(forward, back))
    tolerance = cv2.add(squared(forward), squared(back)) * (2 * RELATIVE) + 2 * ABSOLUTE_PX2
    cost = np.minimum(cv2.divide(miss, tolerance), OUTSIDE)
    set_where(cost, outside(forward), OUTSIDE)
    return cost


def likeness_cost(here: Image, there: Image) -> Plane:
    """The exponent of the photometric test: |here - there|^2 / 2 (12/255)^2, the mean over R, G and B.

    Args:
        here: frame t; there: frame u warped to t. (height, width, 3), both float32 in [0, 1] or both uint8.
    """
    difference = cv2.absdiff(here, there)
    scale = PHOTOMETRIC * (255 if here.dtype == np.uint8 else 1)
    weights = np.full((1, 3), 1 / (3 * 2 * scale**2), np.float32)
    return cv2.transform(cv2.multiply(difference, difference, dtype=cv2.CV_32F), weights)


def outside(flow: Field) -> NDArray[np.bool_]:
    """Where x + flow(x) lies beside the frame by more than the flow's own error: (height, width) bool."""
    height, width = flow.shape[:2]
    target = cv2.add(grid(height, width), flow)
    low, high = (-BESIDE, -BESIDE), (width - 1 + BESIDE, height - 1 + BESIDE)
    return cv2.inRange(target, low, high) == 0


def squared(field: Field) -> Plane:
    """The square of the length of vectors; `cv2.transform` of two channels takes three times as long."""
    square = cv2.multiply(field, field)
    return cv2.add(square[..., 0], square[..., 1])
