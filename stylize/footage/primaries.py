"""Scene-linear light of other primaries, as light of BT.709."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

BT709 = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)
"""The primaries and white of BT.709 and sRGB: x and y of red, green, blue and white."""
SAME = 0.002
"""Chromaticities that differ by less are the same, written with other rounding."""
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def bt709_from_primaries(light: NDArray[np.float32], chromaticities: Sequence[float]) -> NDArray[np.float32]:
    """Light of BT.709 from light of any primaries; colours that BT.709 does not have are negative or above their
    peak.

    The matrix is that of SMPTE RP 177; another white becomes that of BT.709 by Bradford's adaptation (ICC.1,
    annex E).

    Args:
        light: float32 (height, width, 3), scene-linear.
        chromaticities: x and y of red, green, blue and white, as an OpenEXR header states them.

    Returns:
        float32, same shape; the same array where the primaries are BT.709's, or where no light has such ones.
    """
    found = np.asarray(chromaticities, np.float64).reshape(-1)
    if found.shape != (8,) or np.abs(found - BT709).max() < SAME:
        return light
    to_xyz, to_709 = _xyz_from(found), _xyz_from(np.asarray(BT709))
    if to_xyz is None or to_709 is None:
        return light
    adapted = _adaptation(_white(found), _white(np.asarray(BT709)))
    matrix = np.linalg.inv(to_709) @ adapted @ to_xyz
    return np.asarray(cv2.transform(light, matrix), np.float32)


def _white(found: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y = found[6:]
    return np.array([x / y, 1, (1 - x - y) / y])


def _xyz_from(found: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """XYZ from RGB, whose white has Y = 1; None where the primaries span no colours."""
    if not np.isfinite(found).all() or not (found[1::2] != 0).all():
        return None
    x, y = found[:6:2], found[1:6:2]
    primaries = np.stack([x / y, np.ones(3), (1 - x - y) / y])
    if np.linalg.cond(primaries) > 1e6:
        return None
    return np.asarray(primaries * np.linalg.solve(primaries, _white(found)))


def _adaptation(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    cones = (_BRADFORD @ target) / (_BRADFORD @ source)
    return np.asarray(np.linalg.inv(_BRADFORD) @ np.diag(cones) @ _BRADFORD)
