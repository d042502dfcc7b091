"""The heavy step, behind one interface: several drawings of one moment, carried there and fused.

`OpenCVEngine` is the engine of processors, `deflicker.torch_engine.TorchEngine` that of graphics cards. Both
follow the same formulas (see `deflicker.fuse`) and agree to 1/255.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from deflicker.arrays import Field, Image, Plane, Stored, unpack
from deflicker.fuse import robust_mean
from deflicker.threads import each
from deflicker.warp import enlarged_rows, grid

BAND_PX = 128 * 1920
"""Pixels fused at a time, in whole rows: so the many intermediate pictures are small at 4K too."""


@dataclass(frozen=True)
class View:
    """One drawing of the moment in work: `picture` sampled at x + flow(x), plus `change`(x), believed `sure`.

    `flow`, `sure` and `change` may lie on a coarser grid than the picture; they are enlarged bilinearly, and
    the flow is given in pixels of its own grid.
    """

    picture: Stored
    """(height, width, 3), as `deflicker.arrays.pack` keeps it."""
    flow: Field | None = None
    """(rows, columns, 2) float32; None: the picture is in place."""
    sure: Plane | None = None
    """(rows, columns) float32 in [0, 1]; None: 1 everywhere."""
    change: Image | None = None
    """(rows, columns, 3) float32, signed; None: 0."""


class Engine(Protocol):
    """Fuses views. A pure function: the same views give the same bits, whatever came before."""

    def fuse(self, views: Sequence[View], sigma: float) -> Image:
        """The robust mean of `deflicker.fuse`; the first view is the frame's own drawing.

        Args:
            views: at least one, all pictures of one size.
            sigma: of the smoothing of distances, in px.

        Returns:
            (height, width, 3) float32.
        """
        ...


class OpenCVEngine:
    """The engine of processors; works in bands of rows, so that memory beyond the result is small."""

    def fuse(self, views: Sequence[View], sigma: float) -> Image:
        rows, columns = views[0].picture.shape[:2]
        fused = np.empty((rows, columns, 3), np.float32)
        halo, height = round(4 * sigma) + 2, max(1, BAND_PX // columns)

        def work(top: int) -> None:
            bottom = min(top + height, rows)
            first, last = max(top - halo, 0), min(bottom + halo, rows)
            own, *others = (_seen(view, first, last) for view in views)
            band = robust_mean(own[0], others, sigma)
            fused[top:bottom] = band[top - first : bottom - first]

        each(work, range(0, rows, height))
        return fused


def _seen(view: View, top: int, bottom: int) -> tuple[Image, Plane]:
    """Rows [top, bottom) of a view, and how far they are believed."""
    rows, columns = view.picture.shape[:2]
    shape = (rows, columns)
    if view.flow is None:
        seen = unpack(view.picture[top:bottom])
    else:
        flow, low, high = _flow_rows(view.flow, shape, top, bottom)
        positions = cv2.add(grid(bottom - top, columns), flow)
        seen = cv2.remap(  # type: ignore[call-overload]
            unpack(view.picture[low:high]), positions, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
    if view.change is not None:
        seen = cv2.add(seen, enlarged_rows(view.change, shape, top, bottom))
    if view.sure is None:
        return seen, np.ones(seen.shape[:2], np.float32)
    return seen, enlarged_rows(view.sure, shape, top, bottom)


def _flow_rows(flow: Field, shape: tuple[int, int], top: int, bottom: int) -> tuple[Field, int, int]:
    """Rows [top, bottom) of a flow at `shape`, and which rows [low, high) of the picture it leads to: the flow is
    that from the position in the band to the position in those rows."""
    rows, columns = shape
    coarse = len(flow)
    near = flow[max(top * coarse // rows - 1, 0) : -(-bottom * coarse // rows) + 1]
    scale = rows / coarse
    highest, lowest = (float(bound(near[..., 1])) * scale for bound in (np.min, np.max))
    low = int(np.clip(np.floor(top + highest) - 2, 0, rows - 1))
    high = int(np.clip(np.ceil(bottom + lowest) + 3, low + 1, rows))
    band = enlarged_rows(flow, shape, top, bottom)
    if flow.shape[:2] != shape:
        band = cv2.multiply(band, (columns / flow.shape[1], scale, 0, 0))  # type: ignore[call-overload]
    return cv2.add(band, (0, top - low, 0, 0)), low, high  # type: ignore[call-overload]
