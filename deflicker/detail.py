"""Gives back the crispness that averaging took, and no more."""

from __future__ import annotations

import cv2
import numpy as np

from deflicker.arrays import Image, Plane, Stored, unpack
from deflicker.threads import each
from deflicker.warp import enlarged_rows

STRONGEST = 2.0
"""Detail is at most doubled."""
FAINT = np.float32(1e-6)
"""Energy of a quarter of an 8-bit level: below it there is no detail to speak of."""
FINE = 1.5
"""Deviation of the Gaussian that detail is finer than, in units."""
AROUND = 6.0
"""The same of the neighbourhood in which its energy is measured."""
BAND = 128
BLOCK = 2
"""Energies are averaged over so many pixels across first."""


def restore_detail(fused: Image, drawn: Stored, unit: float, amount: float) -> Image:
    """An unsharp mask whose strength is measured: detail is raised towards the energy it had when drawn.

    With H the detail finer than 1.5 units and e(.) its mean square luma over 6 units, H(fused) is
    multiplied by sqrt(e(drawn) / e(fused)), between 1 and `STRONGEST`. No pixel leaves the range of its 3 x 3
    neighbourhood in `fused`, so no halo can appear. Works in bands of rows.

    Args:
        fused, drawn: the frame after and before fusion, (height, width, 3) float32; `drawn` may be packed.
        unit: pixels per unit; one at a height of 288.
        amount: how much of the loss to make good, in [0, 1].
    """
    if amount == 0:
        return fused
    rows, columns = fused.shape[:2]
    lost = cv2.divide(_energy(drawn, unit) + FAINT, _energy(fused, unit) + FAINT)
    gains = (np.clip(cv2.sqrt(lost), 1.0, STRONGEST) - 1.0) * np.float32(amount)
    restored = np.empty_like(fused)
    square = np.ones((3, 3), np.uint8)

    def sharpen(rows_of: tuple[int, int, int, int]) -> None:
        top, bottom, first, last = rows_of
        band = fused[first:last]
        detail = cv2.subtract(band, cv2.GaussianBlur(band, (0, 0), FINE * unit))
        gain = enlarged_rows(gains, (rows, columns), first, last)
        sharp = cv2.add(band, cv2.multiply(detail, cv2.merge([gain] * 3)))
        sharp = cv2.min(cv2.max(sharp, cv2.erode(band, square)), cv2.dilate(band, square))
        restored[top:bottom] = sharp[top - first : bottom - first]

    each(sharpen, _bands(rows, unit))
    return restored


def _energy(picture: Stored, unit: float) -> Plane:
    """The mean square of the luma's detail, on a grid of half the size."""
    rows, columns = picture.shape[:2]
    small = np.empty((-(-rows // BLOCK), max(1, columns // BLOCK)), np.float32)

    def measure(rows_of: tuple[int, int, int, int]) -> None:
        top, bottom, first, last = rows_of
        luma = cv2.cvtColor(unpack(picture[first:last]), cv2.COLOR_RGB2GRAY)
        detail = cv2.subtract(luma, cv2.GaussianBlur(luma, (0, 0), FINE * unit))[top - first : bottom - first]
        part = small[top // BLOCK : -(-bottom // BLOCK)]
        part[...] = cv2.resize(
            cv2.multiply(detail, detail), part.shape[1::-1], interpolation=cv2.INTER_AREA
        ).reshape(part.shape)

    each(measure, _bands(rows, unit))
    return cv2.GaussianBlur(small, (0, 0), AROUND / BLOCK * unit)


def _bands(rows: int, unit: float) -> list[tuple[int, int, int, int]]:
    """Rows [top, bottom) each, and the rows [first, last) that a filter of them reads."""
    halo = round(4 * FINE * unit) + 3
    bands = []
    for top in range(0, rows, BAND):
        bottom = min(top + BAND, rows)
        bands.append((top, bottom, max(top - halo, 0), min(bottom + halo, rows)))
    return bands
