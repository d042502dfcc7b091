"""What stands in for numpy because it is quicker gives the same numbers."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from deflicker.anchor import _shifted
from deflicker.arrays import narrow, pack, set_where, unpack, widen
from deflicker.track import confidence, confidence_in, parted
from deflicker.warp import grid, seen_along, warp

RNG = np.random.default_rng(0)
ROWS, COLUMNS = 37, 50


def test_half_floats_are_rounded_as_numpy_rounds_them() -> None:
    spread = RNG.standard_normal((ROWS, COLUMNS, 3)) * 10.0 ** RNG.integers(-9, 5, (ROWS, COLUMNS, 3))
    array = spread.astype(np.float32)
    with np.errstate(over="ignore"):
        expected = array.astype(np.float16)
    assert np.array_equal(narrow(array), expected)
    assert np.array_equal(widen(narrow(array)), expected.astype(np.float32))


def test_a_plane_is_set_where_the_mask_says_and_nowhere_else() -> None:
    plane, where = RNG.random((ROWS, COLUMNS), np.float32), RNG.random((ROWS, COLUMNS)) > 0.6
    expected = plane.copy()
    expected[where] = 50
    set_where(plane, where, 50)
    assert np.array_equal(plane, expected)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_levels_are_packed_and_come_back(kind: type) -> None:
    levels = RNG.integers(0, np.iinfo(kind).max, (ROWS, COLUMNS, 3), kind, endpoint=True)
    picture = unpack(levels)
    assert pack(picture).dtype == kind
    assert np.array_equal(pack(picture), levels)
    assert picture.max() <= 1


def test_what_lies_beside_the_levels_or_below_zero_stays_as_it_is() -> None:
    picture = unpack(RNG.integers(0, 255, (ROWS, COLUMNS, 3), np.uint8))
    for change in (0.4 / 65535, -2.0):
        other = picture.copy()
        other[-1, -1, -1] += np.float32(change)
        assert pack(other) is other


def test_a_photograph_is_sampled_as_with_three_channels() -> None:
    guide = RNG.integers(0, 255, (ROWS, COLUMNS, 3), np.uint8)
    flow = (4 * RNG.standard_normal((ROWS, COLUMNS, 2))).astype(np.float32)
    where = cv2.add(grid(ROWS, COLUMNS), flow)
    expected = cv2.remap(guide, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    assert np.array_equal(seen_along(guide, flow), expected)


@pytest.mark.parametrize(("x", "y"), [(0, 0), (3, -5), (-4, 2), (80, 1), (2, -60), (-90, 90)])
def test_a_flow_is_moved_and_its_border_repeated(x: int, y: int) -> None:
    flow = RNG.standard_normal((ROWS, COLUMNS, 2)).astype(np.float32)
    rows = np.clip(np.arange(ROWS) + y, 0, ROWS - 1)
    columns = np.clip(np.arange(COLUMNS) + x, 0, COLUMNS - 1)
    assert np.array_equal(_shifted(flow, x, y), flow[rows][:, columns])


def test_a_track_in_two_parts_is_believed_as_the_whole() -> None:
    track = RNG.random((ROWS, COLUMNS, 3), np.float32)
    here, there = (RNG.random((ROWS, COLUMNS, 3), np.float32) for _ in range(2))
    motion, cost = parted(track)
    assert np.array_equal(motion, track[..., :2])
    assert np.array_equal(cost, track[..., 2])
    seen = warp(there, motion, smooth=False)
    assert np.array_equal(confidence_in(motion, cost, here, seen), confidence(track, here, there))
