"""The layers over the picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from compositing.camera.record import still_camera
from compositing.colour import luminance
from compositing.errors import InvalidSetting
from compositing.overlays import OverlayContext, Span, read_overlay
from compositing.overlays.base import place_of

ROWS, COLUMNS = 180, 320


@pytest.fixture
def night() -> np.ndarray:
    """Dark, with a lamp."""
    picture = np.full((ROWS, COLUMNS, 3), 0.05, np.float32)
    picture[40:50, 200:210] = 2.0
    return picture


def test_glow_bleeds_from_what_is_bright_alone(night: np.ndarray) -> None:
    glow = read_overlay({"kind": "glow", "amount": 0.8, "width_px": 40})
    gain = luminance(glow.apply(night, OverlayContext(0)) - night)
    assert gain[45, 215] > 0.02
    assert gain[170, 20] < 1e-4
    dim = np.full_like(night, 0.3)
    np.testing.assert_array_equal(glow.apply(dim, OverlayContext(0)), dim)


def test_rays_run_away_from_their_source_and_stop_at_the_subject(night: np.ndarray) -> None:
    rays = read_overlay({"kind": "rays", "at": [0.2, 0.0], "amount": 1.0, "length": 0.8})
    gain = luminance(rays.apply(night, OverlayContext(0)) - night)
    source, lamp = np.array([0.2 * 319, 0.0]), np.array([205.0, 45.0])
    beyond, before = lamp + 0.5 * (lamp - source), source + 0.3 * (lamp - source)
    assert gain[round(beyond[1]), round(beyond[0])] > 0.01
    assert gain[round(before[1]), round(before[0])] < 1e-3
    alpha = np.zeros((ROWS, COLUMNS), np.float32)
    alpha[30:60, 190:220] = 1  # the subject covers the lamp
    assert (rays.apply(night, OverlayContext(0, alpha)) - night).max() < 1e-3


def test_a_source_in_the_world_goes_with_the_camera(night: np.ndarray) -> None:
    view = still_camera((COLUMNS, ROWS)).view(0)
    np.testing.assert_allclose(place_of((0.0, 0.0, -3.0), night, view), (159.5, 89.5))
    with pytest.raises(InvalidSetting, match="camera"):
        place_of((0.0, 0.0, -3.0), night, None)


def test_an_even_sky_makes_no_haze_and_what_stands_before_it_makes_shafts() -> None:
    picture = np.full((ROWS, COLUMNS, 3), 0.05, np.float32)
    picture[:60] = 0.9
    picture[20:60, 100:220] = 0.05  # a tree
    rays = read_overlay({"kind": "rays", "at": [0.5, -0.2], "amount": 1.0, "length": 0.7})
    gain = luminance(rays.apply(picture, OverlayContext(0)) - picture)[100]
    assert gain.max() > 0.03
    assert gain.min() < 0.3 * gain.max()


@pytest.mark.parametrize("angle", [None, 20.0])
def test_speed_lines_leave_the_middle_and_the_subject_free(angle: float | None) -> None:
    table: dict[str, Any] = {"kind": "speed-lines", "clear": 0.5, "opacity": 1.0}
    lines = read_overlay(table if angle is None else table | {"angle_deg": angle})
    grey = np.full((ROWS, COLUMNS, 3), 0.2, np.float32)
    alpha = np.zeros((ROWS, COLUMNS), np.float32)
    alpha[:, :40] = 1
    drawn = lines.apply(grey, OverlayContext(0, alpha))
    np.testing.assert_array_equal(drawn[80:100, 140:180], grey[80:100, 140:180])
    np.testing.assert_array_equal(drawn[:, :40], grey[:, :40])
    share = (drawn[..., 0] > 0.5).mean()
    assert 0.02 < share < 0.5


def test_speed_lines_are_held_on_twos() -> None:
    lines = read_overlay({"kind": "speed-lines", "hold": 2})
    grey = np.full((ROWS, COLUMNS, 3), 0.2, np.float32)
    frames = [lines.apply(grey, OverlayContext(number)) for number in range(3)]
    np.testing.assert_array_equal(frames[0], frames[1])
    assert not np.array_equal(frames[1], frames[2])


def test_layers_come_and_go() -> None:
    span = Span(start=10, end=20, fade=1)
    assert [span.at(frame) for frame in (9, 10, 11, 19, 20, 21)] == [0, 0.5, 1, 1, 0.5, 0]
    glow = read_overlay({"kind": "glow", "start": 5})
    bright = np.full((20, 20, 3), 2.0, np.float32)
    np.testing.assert_array_equal(glow.apply(bright, OverlayContext(4)), bright)
    assert glow.apply(bright, OverlayContext(5)).max() > 2


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"kind": "sparkle"}, "glow, rays, speed-lines"),
        ({"kind": "glow", "amont": 1}, "has no 'amont'"),
        ({"kind": "glow", "amount": "much"}, "must be a number"),
        ({"kind": "glow", "tint": [1, 1]}, "must be 3 numbers"),
        ({"kind": "rays", "start": -1}, "numbers of frames"),
        ({"kind": "speed-lines", "count": 0}, "between 1 and 5000, not at 0"),
        ({"kind": "speed-lines", "count": 10**9}, "between 1 and 5000"),
        ({"kind": "speed-lines", "seed": -1}, "between 0 and"),
        ({"kind": "glow", "width_px": 1e9}, "between 0 and 2000"),
    ],
)
def test_layers_that_cannot_be_meant_are_refused(table: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidSetting, match=says):
        read_overlay(table)
