"""The last step: the steadied draft and the fine detail become one frame, where the drawing flickers at all."""

from __future__ import annotations

import cv2
import numpy as np

from deflicker.arrays import Image, Plane, Stored, unpack
from deflicker.detail import restore_detail
from deflicker.threads import each
from deflicker.warp import enlarged_rows

BAND = 128


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
