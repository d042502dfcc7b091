"""Soft shading becomes tones: on shadings of which the place of the edge is known."""

from __future__ import annotations

import numpy as np
import pytest

from stylize.config.style import Finish
from stylize.finish import finish_cel
from stylize.finish.tones import step_tones
from stylize.footage.clip import Pixels

LIGHT, SHADE = np.float32([0.85, 0.66, 0.55]), np.float32([0.62, 0.44, 0.38])
SIZE = 384


def shaded(width: float, *, at: float = SIZE / 2, size: int = SIZE) -> Pixels:
    """A surface that turns from light to shade at a column, over so many px (a logistic curve)."""
    share = 1 / (1 + np.exp(-(np.arange(size) + 0.5 - at) * 6 / width))
    row = LIGHT + (SHADE - LIGHT) * share[:, None]
    return np.ascontiguousarray(np.broadcast_to(row, (size, size, 3)), np.float32)


def turning(picture: Pixels) -> float:
    """Over how many px a row passes from a tenth of the way from light to shade to nine tenths."""
    row = picture[len(picture) // 2, :, 1]
    share = (LIGHT[1] - row) / (LIGHT[1] - SHADE[1])
    return float(np.count_nonzero((share > 0.1) & (share < 0.9)))


@pytest.mark.parametrize("width", [12.0, 24.0])
def test_shading_gets_an_edge_in_its_middle(width: float) -> None:
    soft = shaded(width)
    stepped = step_tones(soft, 1.0)
    assert turning(stepped) < turning(soft) / 2
    middle = np.flatnonzero(stepped[SIZE // 2, :, 1] < (LIGHT[1] + SHADE[1]) / 2)[0]
    assert abs(middle - SIZE / 2) <= 1.5
    assert stepped.min() >= soft.min() - 1e-6
    assert stepped.max() <= soft.max() + 1e-6


def test_it_has_degrees() -> None:
    soft = shaded(24.0)
    widths = [turning(step_tones(soft, amount)) for amount in (0.0, 0.4, 1.0)]
    assert widths[0] > widths[1] > widths[2]
    assert step_tones(soft, 0.0) is soft


def test_it_follows_the_size_of_the_picture() -> None:
    """The same picture of twice the size gets the same step, twice as large."""
    small, large = step_tones(shaded(20.0), 1.0), step_tones(shaded(40.0, at=SIZE, size=2 * SIZE), 1.0)
    assert turning(large) == pytest.approx(2 * turning(small), abs=3)


def test_a_sky_stays_a_gradient() -> None:
    levels = np.linspace(0.5, 0.8, SIZE, dtype=np.float32)
    sky = np.ascontiguousarray(np.broadcast_to(levels[:, None, None], (SIZE, SIZE, 3)))
    assert np.abs(step_tones(sky, 1.0) - sky).max() < 0.5 / 255


def test_lines_and_edges_stay_where_they_are() -> None:
    picture = np.full((SIZE, SIZE, 3), 0.8, np.float32)
    picture[:, 200:] = 0.4
    picture[:, 100:102] = 0.1
    picture[150:152] = 0.1
    assert np.abs(step_tones(picture, 1.0) - picture).max() < 0.25 / 255


def test_an_edge_that_moves_a_little_moves_the_step_as_much() -> None:
    """Half a pixel on from frame to frame the step goes half a pixel on: it does not jump."""

    def middle(at: float) -> float:
        row = step_tones(shaded(20.0, at=at), 1.0)[SIZE // 2, :, 1]
        return float(((row - SHADE[1]) / (LIGHT[1] - SHADE[1])).sum())

    steps = np.diff([middle(190 + n / 2) for n in range(9)])
    assert steps == pytest.approx(np.full(8, 0.5), abs=0.2)


def test_small_and_odd_pictures_are_taken() -> None:
    rng = np.random.default_rng(2)
    for shape in ((1, 1), (3, 17), (33, 50)):
        picture = rng.random((*shape, 3), np.float32)
        stepped = step_tones(picture, 1.0)
        assert stepped.shape == picture.shape
        assert np.isfinite(stepped).all()


def test_a_style_asks_for_it() -> None:
    soft, finish = shaded(24.0), Finish(tones=1.0)
    assert finish.touches_the_cel
    assert "tones" in finish.cel_settings()
    assert turning(finish_cel(soft, soft, finish)) < turning(soft) / 2
