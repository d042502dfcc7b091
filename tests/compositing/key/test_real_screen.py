"""A man before a yellow-green wall that drifts: whole, without holes, clean around, still in time."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from compositing.colour import Image, over
from compositing.key.keyer import ScreenKeyer
from compositing.matte import Keyed
from stylize import footage

MOMENTS = (60, 330, 420)


@pytest.fixture(scope="module")
def frames(shared_data: Path) -> dict[int, Image]:
    clip = footage.probe(shared_data / "greenscreen" / "chroma_uneven_192p60_audio.mp4")
    numbers = sorted({0, 180, 240, *(m + step for m in MOMENTS for step in (-2, -1, 0, 1))})
    return {frame.index: frame.pixels for frame in footage.pick_frames(clip, numbers)}


@pytest.fixture(scope="module")
def keyer(frames: dict[int, Image]) -> ScreenKeyer:
    return ScreenKeyer([frames[number] for number in (0, 180, 240, *MOMENTS)])


@pytest.fixture(scope="module", params=MOMENTS)
def pair(request: pytest.FixtureRequest, keyer: ScreenKeyer, frames: dict[int, Image]) -> tuple[Keyed, Keyed]:
    m = request.param
    before = keyer.key_frame(frames[m - 1], [frames[m - 2], frames[m]])
    return before, keyer.key_frame(frames[m], [frames[m - 1], frames[m + 1]])


def test_the_man_is_whole(pair: tuple[Keyed, Keyed]) -> None:
    there = (pair[1].alpha > 0.5).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(there)
    sizes = np.sort(stats[1:count, cv2.CC_STAT_AREA])
    assert sizes[-1] > 0.15 * there.size
    assert sizes[:-1].sum() < 0.02 * there.size
    # What is not the man, the wall excepted, would be a hole in him.
    _, _, holes, _ = cv2.connectedComponentsWithStats(1 - there)
    assert (holes[1:, cv2.CC_STAT_AREA] < 0.1 * there.size).sum() <= 1
    assert np.median(pair[1].alpha[pair[1].alpha > 0.5]) == 1


def test_no_green_rim(keyer: ScreenKeyer, pair: tuple[Keyed, Keyed]) -> None:
    grey = np.full_like(pair[1].premult, 0.2)
    comp = over(pair[1].premult, pair[1].alpha, grey)
    edge = (pair[1].alpha > 0.05) & (pair[1].alpha < 0.95)
    own = keyer.colour.difference.of(keyer.colour.rgb)
    assert (keyer.colour.difference(comp)[edge] / own).mean() < 0.06


def test_the_matte_is_still(pair: tuple[Keyed, Keyed]) -> None:
    """Sixtieths of a second apart, nothing but a creeping edge changes."""
    change = np.abs(pair[1].alpha - pair[0].alpha)
    assert change.mean() < 0.004
    inside = cv2.erode((np.minimum(pair[0].alpha, pair[1].alpha) > 0.5).astype(np.uint8), np.ones((9, 9)))
    assert change[inside > 0].max() < 0.1
