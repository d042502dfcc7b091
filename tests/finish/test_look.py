"""Glow, screentone, paper and grain, on pictures whose right answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from stylize.config.style import Finish
from stylize.finish import finish_look
from stylize.finish.look import glowing, grained, on_paper, screened
from stylize.footage.clip import Pixels


def flat(level: float, height: int = 240, width: int = 320) -> Pixels:
    return np.full((height, width, 3), level, np.float32)


def test_a_style_that_asks_for_none_of_it_gets_its_picture_back() -> None:
    picture = flat(0.4)
    assert finish_look(picture, Finish(), 3) is picture
    assert not Finish(detail=0.2, ink=0.5).touches_the_look


@pytest.mark.parametrize(("level", "inked"), [(0.05, 1.0), (0.32, 0.5), (0.6, 0.19), (0.95, 0.0)])
def test_a_screen_inks_the_share_of_the_paper_that_a_tone_stands_for(level: float, inked: float) -> None:
    page = screened(flat(level), 1.0)
    assert 1 - page.mean() == pytest.approx(inked, abs=0.025)
    if 0 < inked < 1:
        assert np.mean((page > 0.1) & (page < 0.9)) < 0.5  # dots with clean edges, not a grey


def test_dots_are_as_large_a_share_of_a_large_film_as_of_a_small_one() -> None:
    def rows_of_dots(height: int) -> int:
        across = screened(flat(0.6, height, height), 1.0)[..., 0].mean(axis=1)
        return int(np.argmax(np.abs(np.fft.rfft(across - across.mean()))))

    assert rows_of_dots(480) == pytest.approx(rows_of_dots(960), abs=2)


def test_a_tone_that_drifts_changes_its_dots_by_little_at_a_time() -> None:
    steps = [screened(flat(level), 1.0).mean() for level in np.arange(0.1, 0.9, 0.01)]
    assert np.abs(np.diff(steps)).max() < 0.08
    assert np.all(np.diff(steps) >= -1e-6)


def test_a_lamp_glows_over_the_dark_around_it_and_nothing_gets_darker() -> None:
    night = flat(0.1)
    night[80:160, 120:200] = 1.0
    glow = glowing(night, 0.8)
    assert np.all(glow >= night - 1e-6)
    assert glow[120, 204, 0] > glow[120, 212, 0] > 0.1 + 0.01
    assert glow[10, 10, 0] == pytest.approx(0.1, abs=2e-3)
    dull = flat(0.5)
    np.testing.assert_allclose(glowing(dull, 0.8), dull, atol=1e-6)


def test_grain_is_another_in_every_frame_and_the_same_in_every_run() -> None:
    grey = flat(0.5)
    one, again, other = grained(grey, 0.5, 7), grained(grey, 0.5, 7), grained(grey, 0.5, 8)
    assert np.array_equal(one, again)
    assert abs(np.corrcoef((one - grey).ravel(), (other - grey).ravel())[0, 1]) < 0.05
    assert one.std() == pytest.approx(0.0175, rel=0.1)
    assert abs(float((one - grey).mean())) < 1e-3
    assert grained(flat(1.0), 0.5, 7).std() < 1e-6


def test_paper_lies_still_and_shows_most_where_there_is_paint() -> None:
    wash, bare = flat(0.5), flat(1.0)
    painted = on_paper(wash, 1.0)
    assert np.array_equal(painted, on_paper(wash, 1.0))
    assert painted.std() == pytest.approx(
        0.5 * (0.02 + 0.12 * np.log(2)), rel=0.05
    )  # 0.5 h (tooth - ink ln 0.5)
    assert abs(float(painted.mean()) - 0.5) < 1e-3
    assert 0 < on_paper(bare, 1.0).std() < 0.3 * painted.std()
    assert finish_look(wash, Finish(paper=0.5), 1).std() == pytest.approx(painted.std() / 2, rel=0.02)


def test_the_tooth_of_paper_is_as_wide_a_share_of_a_large_film_as_of_a_small_one() -> None:
    def likeness(height: int) -> float:
        """Of the paper with itself a 300th of the short side further."""
        paper, step = on_paper(flat(0.5, height, height), 1.0)[..., 0] - 0.5, height // 300
        return float(np.corrcoef(paper[:, step:].ravel(), paper[:, :-step].ravel())[0, 1])

    assert likeness(600) == pytest.approx(likeness(1200), abs=0.08)
