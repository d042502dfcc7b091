"""A key with the number of another frame, which lies over every plate but where a thing moves."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from stylize import footage
from stylize.errors import UsageError
from stylize.footage.clip import Clip, Frame, Shot
from stylize.footage.keyframes.misnamed import frames_to_compare
from stylize.footage.keyframes.resolve import resolve_keys

WIDTH, HEIGHT, FRAMES = 192, 128, 8


def standing(index: int) -> np.ndarray:
    """A chequered thing crosses a wall of stones that stands still."""
    stones = np.random.default_rng(1).uniform(0.1, 0.9, (HEIGHT // 8, WIDTH // 8, 3)).astype(np.float32)
    picture = np.kron(stones, np.ones((8, 8, 1), np.float32))
    checks = np.indices((40, 40)).sum(axis=0) // 10 % 2
    picture[60:100, 8 + 18 * index : 48 + 18 * index] = 0.05 + 0.9 * checks[..., None]
    return picture


def painted(index: int) -> np.ndarray:
    return np.rint(255 * (1 - standing(index)[..., [1, 2, 0]] * 0.8)).astype(np.uint8)


@pytest.fixture(scope="module")
def wall(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    path = tmp_path_factory.mktemp("wall") / "wall.mp4"
    frames = [Frame(index, index, standing(index)) for index in range(FRAMES)]
    footage.write_film(
        frames, path, Clip(path, WIDTH, HEIGHT, Fraction(24), Fraction(1, 24), FRAMES), audio=False
    )
    return footage.probe(path)


@pytest.mark.parametrize("named", [0, 5, 7])
def test_it_is_refused_with_the_frame_that_it_looks_like(wall: Clip, paint, named: int):
    with pytest.raises(UsageError, match=rf"looks more like frame 3 than {named}: .* is 0\.\d+ and -?0\.\d+"):
        resolve_keys(paint({f"{named}.png": painted(3)}), wall, [Shot(0, FRAMES)])


@pytest.mark.parametrize("shift", [0, 6])
def test_a_key_of_its_own_frame_is_taken_also_beside_its_plate(wall: Clip, paint, shift: int):
    folder = paint({"3.png": np.roll(painted(3), shift, axis=1), "6.png": painted(6)})
    keys = resolve_keys(folder, wall, [Shot(0, FRAMES)])
    assert [key.at for key in keys.files] == [3, 6]
    assert keys.files[0].shift[0] * WIDTH == pytest.approx(-shift, abs=0.6)


def test_a_few_frames_of_a_shot_that_has_keys_are_compared():
    shots = [Shot(0, 100), Shot(100, 200), Shot(200, 203)]
    found = frames_to_compare(shots, [150, 201])
    assert found[0] == 100
    assert {150, 199, 200, 201, 202} < set(found)
    assert len(found) == 12
