"""Renders of other primaries: ACES, P3 and BT.2020 light, as their header states it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from stylize.footage.exr import read_exr
from stylize.footage.primaries import BT709, bt709_from_primaries

AP0 = (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767)
AP1 = (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)
P3 = (0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329)
BT2020 = (0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.329)
PUBLISHED = {  # rows of the matrices to BT.709: BT.2087 for BT.2020, the Academy's for AP1 and AP0, Bradford
    BT2020: [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]],
    AP1: [[1.70505, -0.62179, -0.08326], [-0.13026, 1.14080, -0.01055], [-0.02400, -0.12897, 1.15297]],
    AP0: [[2.52169, -1.13413, -0.38756], [-0.27648, 1.37272, -0.09624], [-0.01538, -0.15298, 1.16835]],
}


@pytest.mark.parametrize("primaries", PUBLISHED, ids=["BT.2020", "AP1", "AP0"])
def test_the_published_matrices(primaries: tuple[float, ...]) -> None:
    unit = np.eye(3, dtype=np.float32)[None]
    assert (
        pytest.approx(np.array(PUBLISHED[primaries]), abs=2e-3) == bt709_from_primaries(unit, primaries)[0].T
    )


@pytest.mark.parametrize("primaries", [AP0, AP1, P3, BT2020])
def test_white_stays_white(primaries: tuple[float, ...]) -> None:
    white = np.full((1, 2, 3), 0.18, np.float32)
    assert bt709_from_primaries(white, primaries) == pytest.approx(white, abs=1e-3)


@pytest.mark.parametrize("absurd", [(0.0,) * 8, (float("nan"),) * 8, (0.3,) * 8, (0.64, 0.33)])
def test_absurd_primaries_change_nothing(absurd: tuple[float, ...]) -> None:
    light = np.full((2, 2, 3), (0.1, 0.2, 0.3), np.float32)
    assert bt709_from_primaries(light, absurd) is light


@pytest.mark.parametrize("stated", [None, BT709, tuple(each + 0.0005 for each in BT709), P3])
def test_a_header_is_looked_at(tmp_path: Path, stated: tuple[float, ...] | None) -> None:
    light = np.random.default_rng(0).random((8, 12, 3)).astype(np.float32)
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    if stated is not None:
        header["chromaticities"] = stated
    with OpenEXR.File(header, {"RGB": light}) as file:
        file.write(str(tmp_path / "a.exr"))
    found = read_exr(tmp_path / "a.exr")
    if stated == P3:
        assert found == pytest.approx(bt709_from_primaries(light, P3), abs=1e-5)
        assert np.abs(found - light).max() > 0.05
    else:
        assert (found == light).all()
