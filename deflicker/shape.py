"""Step C: moves a drawing's lines to where its neighbours, on the whole, have them.

Lines that wobble must be aligned *before* drawings are averaged: the mean of displaced lines is a blur.
"""

from __future__ import annotations

import cv2
import numpy as np

from deflicker.arrays import Field, Image, luma8
from deflicker.confidence import squared

SMOOTH = 6.0
"""Deviation of the Gaussian over the displacement: lines move together, texture does not move at all."""
CALM, JITTERY = 0.12, 0.35
"""Displacements whose root mean square is below the first are the search's own noise and are left alone;
above the second they count in full."""
AROUND = 24.0
"""Deviation of the window of that root mean square."""
SMALLEST = 32
"""Pictures with a side below this many pixels are left as they are: the search needs patches of 8 px."""


def jitter(drawn: Image, reference: Image, unit: float, most: float) -> Field:
    """Where each point of the reference lies in the drawing, as far as the drawing jitters.

    All widths and thresholds are in units: one pixel at a frame height of 288.

    Args:
        drawn, reference: (height, width, 3) float32 in [0, 1].
        unit: px per unit.
        most: the longest displacement, per axis, in units; 0 for none.

    Returns:
        (height, width, 2) float32 px; sampling the drawing at x + jitter(x) aligns it.
    """
    rows, columns = drawn.shape[:2]
    if most == 0 or min(rows, columns) < SMALLEST:
        return np.zeros((rows, columns, 2), np.float32)
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    search.setFinestScale(0)
    flow = search.calc(luma8(reference), luma8(drawn), None)  # type: ignore[call-overload]
    limit = np.float32(most * unit)
    flow = np.clip(cv2.GaussianBlur(flow, (0, 0), SMOOTH * unit), -limit, limit)
    strength = cv2.sqrt(cv2.GaussianBlur(squared(flow), (0, 0), AROUND * unit)) / np.float32(unit)
    gate = np.clip((strength - CALM) / (JITTERY - CALM), 0, 1).astype(np.float32)
    return cv2.multiply(flow, cv2.merge([gate, gate]))
