"""Where a drawing flickers, told by the next ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from deflicker.arrays import Image, Plane

STILL, RESTLESS = 0.6 / 255, 1.1 / 255
"""Change against the next frames, on average over a neighbourhood, below which a drawing is steady and stays as
it is, and above which it is replaced in full. The grain of 8-bit coding makes .4."""
FRAME_STILL, FRAME_RESTLESS = 0.6 / 255, 1.0 / 255
SPOT_STILL, SPOT_RESTLESS = 2.1 / 255, 3.2 / 255
"""The same for the whole frame, by its median neighbourhood or its most restless hundredth: resampling alone
changes the lines of a film that needs nothing, which is to keep its pixels. (On the tuning takes the restless
hundredth has 1.4 with grain alone, and 3.2 with a tenth of the benchmark's flicker.)"""
UNSEEN = 0.05
"""A frame that would go less than this part of the way from its drawing to the steadied one stays as it was drawn:
nobody sees so little, and it costs as much as all of the way."""
BLUR, AROUND = 2.0, 16.0
FAINT = np.float32(0.02)


def restlessness(
    drawn: Image, source: Image, neighbours: Sequence[tuple[Image, Image, Plane]], unit: float
) -> Plane:
    """Where the drawing flickers, from 0 (it is left as it is) to 1.

    It is compared with the next drawings as they are, and not with the steadied one, whose lines lie elsewhere by a
    part of a pixel even in a film that never flickered. What the photographs differ by along the same motion is
    no flicker: waving hair that the flow could not follow.

    Args:
        drawn, source: (height, width, 3) float32.
        neighbours: each drawing and its photograph, carried here, (height, width, 3), with the confidence in that,
            (height, width) in [0, 1].
        unit: px per unit; differences are blurred by 2 units, their size averaged over 16.

    Returns:
        (height, width) float32 in [0, 1].
    """
    size = changes(drawn, source, neighbours, unit)
    usual, most = usual_and_most(size)
    frame = max(_rise(usual, FRAME_STILL, FRAME_RESTLESS), _rise(most, SPOT_STILL, SPOT_RESTLESS))
    if frame < UNSEEN:
        return np.zeros_like(size)
    return _rise(size, STILL, RESTLESS) * np.float32(frame)


def changes(
    drawn: Image, source: Image, neighbours: Sequence[tuple[Image, Image, Plane]], unit: float
) -> Plane:
    """How far the drawing differs from the next ones beyond what the photographs do: (height, width) float32.

    Args: as for `restlessness`; a mean over R, G and B and over the neighbourhood, in [0, 1].
    """
    total: Plane = np.zeros(drawn.shape[:2], np.float32)
    weights: Plane = np.full(drawn.shape[:2], FAINT)
    for warped, photographed, sure in neighbours:
        size = np.maximum(_change(warped, drawn, unit) - _change(photographed, source, unit), 0)
        cv2.add(total, cv2.multiply(size, sure), dst=total)
        cv2.add(weights, sure, dst=weights)
    total, weights = (cv2.GaussianBlur(each, (0, 0), AROUND * unit) for each in (total, weights))
    return cv2.divide(total, weights)


def usual_and_most(size: Plane) -> tuple[float, float]:
    """The median of `changes` over the frame, and what its most restless hundredth exceeds."""
    usual, most = np.quantile(size, (0.5, 0.99))
    return float(usual), float(most)


def _change(there: Image, here: Image, unit: float) -> Plane:
    """How far two pictures differ, the mean over R, G and B, below their finest detail."""
    change = cv2.GaussianBlur(cv2.subtract(there, here), (0, 0), BLUR * unit)
    return cv2.transform(cv2.absdiff(change, np.zeros_like(change)), np.full((1, 3), 1 / 3, np.float32))


def _rise(value: Any, low: float, high: float) -> Any:
    """0 up to `low`, 1 from `high` on, smooth between."""
    part = np.clip((value - low) / (high - low), 0, 1)
    return part * part * (3 - 2 * part)
