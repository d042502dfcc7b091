"""HDR brought to what networks and screens of standard range know: HLG and PQ to BT.709.

ITU-R BT.2100 gives the light that a code stands for, on a display of 1,000 cd/m2 for HLG. White paper is there at
203 cd/m2 (BT.2408: 75 % of HLG, 58 % of PQ), which becomes nearly white here; what is brighter is rolled off by the
curve of BT.2390 (section 5.4.1), by a pixel's largest component, so that no hue changes. Primaries are converted by
the matrix of BT.2407, colours that BT.709 does not have are clipped, and codes are those of a BT.1886 display.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from stylize.footage.clip import Pixels

WHITE_NITS = 203.0
"""Diffuse white in HDR: BT.2408, table 1. It is the peak of the range that is mapped to."""
PEAK_NITS = 1000.0
"""The brightest light that is kept apart from white: HLG's nominal peak, and that of most PQ masters."""
GAMMA = 2.4
"""Of a display of standard range: BT.1886."""

_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
_A, _B, _C = 0.17883277, 0.28466892, 0.55991073
_LUMA_2020 = np.array([0.2627, 0.6780, 0.0593], np.float32)
_709_FROM_2020 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
)


def bt709_from_hdr(pixels: Pixels, transfer: str, primaries: str | None) -> Pixels:
    """BT.709 R'G'B' from HDR R'G'B'.

    Args:
        pixels: float32 (height, width, 3) in [0, 1], codes of `transfer`.
        transfer: `arib-std-b67` (HLG) or `smpte2084` (PQ).
        primaries: `bt709` where the light is that of BT.709 already; else BT.2020.

    Returns:
        float32, same shape, in [0, 1].
    """
    nits = _nits_from_hlg(pixels) if transfer == "arib-std-b67" else _nits_from_pq(pixels)
    peak = nits.max(axis=2)
    nits *= (_rolled_off(peak) / np.maximum(peak, 1e-6))[..., None]
    light = nits / np.float32(WHITE_NITS)
    if primaries != "bt709":
        light = np.asarray(cv2.transform(light, _709_FROM_2020), np.float32)
    return np.asarray(np.clip(light, 0, 1) ** np.float32(1 / GAMMA), np.float32)


def _nits_from_hlg(codes: Pixels) -> Pixels:
    """Display light: the inverse OETF of BT.2100 table 5, and the OOTF for 1,000 cd/m2, whose gamma is 1.2."""
    scene = np.where(codes <= 0.5, codes**2 / 3, (np.exp((codes - _C) / _A) + _B) / 12).astype(np.float32)
    luma = np.maximum(scene @ _LUMA_2020, 1e-6)
    return np.asarray(scene * (PEAK_NITS * luma**0.2)[..., None], np.float32)


def _nits_from_pq(codes: NDArray[np.float32]) -> NDArray[np.float32]:
    """The EOTF of BT.2100 table 4."""
    root = np.asarray(codes, np.float32) ** np.float32(1 / _M2)
    light = np.maximum(root - _C1, 0) / (_C2 - _C3 * root)
    return np.asarray(10000 * light ** (1 / _M1), np.float32)


def _pq_from_nits(nits: NDArray[np.float32]) -> NDArray[np.float32]:
    power = (np.maximum(nits, 0) / 10000) ** np.float32(_M1)
    return np.asarray(((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2, np.float32)


def _rolled_off(nits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Light of up to `PEAK_NITS` brought below `WHITE_NITS`: a Hermite spline in PQ above a knee."""
    top = float(_pq_from_nits(np.array(PEAK_NITS, np.float32)))
    limit = float(_pq_from_nits(np.array(WHITE_NITS, np.float32))) / top
    knee = 1.5 * limit - 0.5
    coded = np.minimum(_pq_from_nits(nits) / top, 1)
    part = np.maximum(coded - knee, 0) / (1 - knee)
    square, cube = part**2, part**3
    spline = (
        (2 * cube - 3 * square + 1) * knee
        + (cube - 2 * square + part) * (1 - knee)
        + (3 * square - 2 * cube) * limit
    )
    return _nits_from_pq(np.where(coded <= knee, coded, spline).astype(np.float32) * np.float32(top))
