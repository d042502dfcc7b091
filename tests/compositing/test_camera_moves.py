"""Cameras set by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from compositing.camera.moves import moved_camera, read_move
from compositing.camera.record import Camera
from compositing.camera.turns import vector
from compositing.errors import InvalidSetting


def camera(*tables: dict[str, Any], frames: int = 25, **facts: Any) -> Camera:
    return moved_camera([read_move(table) for table in tables], frames, (320, 180), Fraction(24), **facts)


def test_without_moves_it_is_a_tripod() -> None:
    np.testing.assert_array_equal(camera().world, np.tile(np.eye(4), (25, 1, 1)))
    assert camera().focal_mm[0] == 35


def test_a_dolly_goes_as_far_as_it_is_told_between_its_frames() -> None:
    moved = camera({"kind": "dolly", "forward_m": 2.0, "right_m": 1.0, "start": 4, "end": 20})
    np.testing.assert_allclose(moved.world[:5, :3, 3], 0)
    np.testing.assert_allclose(moved.world[12, :3, 3], (0.5, 0, -1.0), atol=1e-12)
    np.testing.assert_allclose(moved.world[20:, :3, 3], np.tile((1.0, 0, -2.0), (5, 1)))
    linear = camera({"kind": "dolly", "forward_m": 2.4, "ease": "linear"})
    np.testing.assert_allclose(np.diff(linear.world[:, 2, 3]), -0.1)


def test_a_pan_turns_to_the_left_and_a_tilt_upwards() -> None:
    moved = camera({"kind": "pan", "degrees": 30}, {"kind": "pan", "tilt_deg": 10})
    ahead = -moved.world[-1, :3, 2]
    assert np.rad2deg(np.arctan2(-ahead[0], -ahead[2])) == pytest.approx(30)
    assert np.rad2deg(np.arcsin(ahead[1])) == pytest.approx(10)


def test_an_orbit_keeps_its_middle_in_sight_and_at_a_distance() -> None:
    moved = camera({"kind": "orbit", "degrees": 70, "distance_m": 3.0})
    middle = np.array([[0, 0, -3.0]])
    for frame in (0, 9, 24):
        at, depth = moved.view(frame).project(middle)
        np.testing.assert_allclose(at, [[159.5, 89.5]], atol=1e-6)
        assert depth[0] == pytest.approx(3.0)
    assert moved.world[-1, 0, 3] > 2.5  # to the right


def test_a_zoom_enlarges_evenly() -> None:
    moved = camera({"kind": "zoom", "to_mm": 70, "ease": "linear"}, focal_mm=35.0)
    ratio = moved.focal_mm[1:] / moved.focal_mm[:-1]
    np.testing.assert_allclose(ratio, ratio[0])
    assert moved.focal_mm[-1] == pytest.approx(70)


def test_a_shake_trembles_as_much_as_it_is_told_and_the_same_each_time() -> None:
    shake = {"kind": "shake", "degrees": 0.5, "hertz": 4, "seed": 3, "ease": "linear"}
    moved = camera(shake, frames=600)
    angles = np.rad2deg(vector(moved.world[:, :3, :3]))
    assert angles[:, :2].std() == pytest.approx(0.5, rel=0.2)
    assert np.abs(np.diff(angles, axis=0)).max() < 1.2  # no jumps
    np.testing.assert_array_equal(moved.world, camera(shake, frames=600).world)
    assert not np.allclose(moved.world, camera(shake | {"seed": 4}, frames=600).world)
    short = camera(shake | {"start": 100, "end": 300}, frames=600)
    np.testing.assert_array_equal(short.world[:99], np.tile(np.eye(4), (99, 1, 1)))
    np.testing.assert_array_equal(short.world[302:], np.tile(np.eye(4), (298, 1, 1)))


def test_moves_lie_over_a_solved_camera() -> None:
    base = camera({"kind": "pan", "degrees": 20})
    both = moved_camera([read_move({"kind": "dolly", "up_m": 1})], 25, (320, 180), Fraction(24), base=base)
    np.testing.assert_allclose(both.world[-1, :3, 3], (0, 1, 0), atol=1e-12)
    np.testing.assert_allclose(both.world[-1, :3, :3], base.world[-1, :3, :3])
    with pytest.raises(ValueError, match="25 frames, the shot 30"):
        moved_camera([], 30, (320, 180), Fraction(24), base=base)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"kind": "crane"}, "dolly, pan, orbit, zoom, shake"),
        ({"kind": "pan", "degres": 4}, "has no 'degres'"),
        ({"kind": "pan", "degrees": "four"}, "must be a number"),
        ({"kind": "pan", "degrees": 4, "start": 9, "end": 9}, "not after its start"),
        ({"kind": "pan", "ease": "bounce"}, "in-out"),
        ({"kind": "zoom"}, "to_mm"),
    ],
)
def test_moves_that_cannot_be_meant_are_refused(table: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidSetting, match=says):
        read_move(table)
