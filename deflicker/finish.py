"""The last step: the steadied draft and the fine detail become one frame, where the drawing flickers at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from deflicker.arrays import Image, Plane, Stored, unpack
from deflicker.detail import restore_detail
from deflicker.threads import each
from deflicker.warp import enlarged_rows

BAND = 128
STILL, RESTLESS = 0.6 / 255, 1.1 / 255
"""Change against the next frames, on average over a neighbourhood, below which a drawing is steady and stays as
it is, and above which it is replaced in full. The grain of 8-bit coding makes .4."""
FRAME_STILL, FRAME_RESTLESS = 0.6 / 255, 1.0 / 255
SPOT_STILL, SPOT_RESTLESS = 2.1 / 255, 3.2 / 255
"""The same for the whole frame, by its median neighbourhood or its most restless hundredth: resampling alone
changes the lines of a film that needs nothing, which is to keep its pixels. (On the tuning takes the restless
hundredth has 1.4 with grain alone, and 3.2 with a tenth of the benchmark's flicker.)"""
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
    changes: Plane = np.zeros(drawn.shape[:2], np.float32)
    weights: Plane = np.full(drawn.shape[:2], FAINT)
    for warped, photographed, sure in neighbours:
        size = np.maximum(_change(warped, drawn, unit) - _change(photographed, source, unit), 0)
        cv2.add(changes, cv2.multiply(size, sure), dst=changes)
        cv2.add(weights, sure, dst=weights)
    changes, weights = (cv2.GaussianBlur(each, (0, 0), AROUND * unit) for each in (changes, weights))
    size = cv2.divide(changes, weights)
    usual, most = np.quantile(size, (0.5, 0.99))
    frame = max(_rise(usual, FRAME_STILL, FRAME_RESTLESS), _rise(most, SPOT_STILL, SPOT_RESTLESS))
    return _rise(size, STILL, RESTLESS) * np.float32(frame)


def _change(there: Image, here: Image, unit: float) -> Plane:
    """How far two pictures differ, the mean over R, G and B, below their finest detail."""
    change = cv2.GaussianBlur(cv2.subtract(there, here), (0, 0), BLUR * unit)
    return cv2.transform(cv2.absdiff(change, np.zeros_like(change)), np.full((1, 3), 1 / 3, np.float32))


def finish(
    drawn: Stored,
    fused: Image,
    draft: Image | None,
    gate: Plane,
    unit: float,
    detail: float,
) -> Image:
    """drawn + gate (fused + slow - drawn), crispness restored and clipped to [0, 1].

    Works in bands of rows, so that memory beyond the result is small at any size.

    Args:
        drawn: the frame as given, (height, width, 3).
        fused: its fine detail, steadied over few frames, (height, width, 3); overwritten.
        draft: the same frame steadied over many, on a smaller grid: `fused` follows it in all that is as
            coarse; None where `fused` is all.
        gate: how far to go from the drawing, on any smaller grid, in [0, 1].
        unit: px per unit, one at a height of 288.
        detail: as for `restore_detail`.
    """
    rows, columns = fused.shape[:2]
    shape = (rows, columns)
    bands = [slice(top, min(top + BAND, rows)) for top in range(0, rows, BAND)]
    if draft is not None:
        slow = draft - cv2.resize(fused, draft.shape[1::-1], interpolation=cv2.INTER_AREA)

        def follow(band: slice) -> None:
            fused[band] += enlarged_rows(slow, shape, band.start, band.stop)

        each(follow, bands)
    finished = restore_detail(fused, drawn, unit, detail)

    def change(band: slice) -> None:
        own = unpack(drawn[band])
        part = enlarged_rows(gate, shape, band.start, band.stop)
        apart = cv2.multiply(cv2.subtract(finished[band], own), cv2.merge([part] * 3))
        finished[band] = np.clip(cv2.add(own, apart), 0.0, 1.0)

    each(change, bands)
    return finished


def _rise(value: Any, low: float, high: float) -> Any:
    """0 up to `low`, 1 from `high` on, smooth between."""
    part = np.clip((value - low) / (high - low), 0, 1)
    return part * part * (3 - 2 * part)
