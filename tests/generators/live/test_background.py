"""What is put behind the person."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stylize.errors import UsageError
from stylize.footage.clip import Pixels
from stylize.generators.live.background import ScreenMatte, make_backdrop, make_matte
from stylize.storage.pictures import write_picture


def plate() -> Pixels:
    """A red square before a green screen whose light falls off to one side."""
    picture = np.zeros((90, 120, 3), np.float32)
    picture[...] = np.array([0.1, 0.7, 0.15], np.float32)
    picture *= np.linspace(1, 0.75, 120, dtype=np.float32)[None, :, None]
    picture[30:70, 40:80] = (0.8, 0.3, 0.25)
    return picture


def test_a_screen_is_keyed() -> None:
    alpha = ScreenMatte().matte(plate())
    assert alpha[34:66, 44:76].min() > 0.95
    alpha[26:74, 36:84] = 0
    assert alpha.max() < 0.05


@pytest.mark.parametrize("what", ["#0000ff", "picture"])
def test_a_background_is_replaced(what: str, tmp_path: Path) -> None:
    if what == "picture":
        what = str(tmp_path / "blue.png")
        write_picture(np.broadcast_to(np.array([0, 0, 1], np.float32), (30, 70, 3)), tmp_path / "blue.png")
    drawing = plate()
    merged = make_backdrop(what, "screen").put_behind(plate(), drawing)
    np.testing.assert_allclose(merged[40:60, 50:70], drawing[40:60, 50:70], atol=0.02)
    np.testing.assert_allclose(merged[5, 5], (0, 0, 1), atol=0.02)


def test_a_background_is_blurred_and_the_person_is_not() -> None:
    drawing = plate()
    drawing[::2, :30] = 0
    merged = make_backdrop("blur", "screen").put_behind(plate(), drawing)
    assert merged[:, 5:25].std(axis=0).mean() < 0.3 * drawing[:, 5:25].std(axis=0).mean()
    np.testing.assert_allclose(merged[40:60, 50:70], drawing[40:60, 50:70], atol=0.02)


def test_words_that_are_no_background_or_matte(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no matte"):
        make_matte("guess")
    with pytest.raises(UsageError, match="colour"):
        make_backdrop("#12", "screen")
