"""What helps to choose keys, to lay them, and to see that they fit."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from deflicker.keyframes import agreeing_keys, choose, coverages, lay_over, match, shifted, union
from deflicker.keyframes.fill import fill
from tests.deflicker.keyframes.test_carry_keys import COLUMNS, FRAMES, GUIDES, ROWS, TRUTH


def test_unknown_values_continue_those_around():
    values = np.dstack([np.linspace(0, 1, 40, dtype=np.float32)[None].repeat(30, 0)] * 2)
    known = np.ones((30, 40), np.float32)
    known[8:22, 12:28] = 0
    spoilt = values.copy()
    spoilt[known == 0] = 50
    filled = fill(spoilt, known)
    assert np.array_equal(filled[known == 1], values[known == 1])
    assert np.abs(filled - values).max() < 0.35


def test_what_is_known_is_laid_over_exactly_and_the_rest_meets_its_colour():
    rng = np.random.default_rng(1)
    drawn = np.clip(rng.normal(0.4, 0.03, (48, 64, 3)), 0, 1).astype(np.float32)
    picture = drawn + np.float32(0.2)
    known = np.ones((48, 64), np.float32)
    known[16:32, 20:40] = 0
    laid = lay_over(drawn, picture, known)
    assert np.array_equal(laid[known == 1], picture[known == 1])
    assert np.abs(laid - picture)[known == 0].max() < 0.05
    assert np.array_equal(lay_over(drawn, picture, np.ones_like(known)), picture)
    assert np.allclose(lay_over(drawn, picture, np.zeros_like(known)), drawn, atol=1e-6)


@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.05, -0.04)])
def test_a_painting_is_found_where_it_lies(shift):
    photograph = GUIDES[4].astype(np.float32) / 255
    painted = 1 - np.round(photograph * 3) / 3
    found = match(shifted(painted, (-shift[0], -shift[1]))[0], photograph)
    assert found.likeness > 0.4
    assert found.shift == pytest.approx(shift, abs=0.01)
    foreign = match(TRUTH[4], photograph)
    assert foreign.likeness < 0.5 * found.likeness


def test_the_frames_chosen_show_more_than_others():
    found = dict(coverages(GUIDES, range(FRAMES)))
    alone = choose(found, 1)
    assert alone[0] in range(2, FRAMES - 2)  # from the middle most is seen
    pair = choose(found, 2)
    assert len(set(pair)) == 2

    def known(keys):
        return sum(float(part.sum()) for part in union(found, keys).values())

    assert known(pair) >= max(known([0, 1]), known(alone), known([3, 4]))
    more = choose(found, 1, given=pair)
    assert more[0] not in pair


def test_drawings_that_disagree_are_not_kept():
    size = (COLUMNS, ROWS)
    drawn = {at: cv2.resize(TRUTH[at], size) for at in range(FRAMES)}
    for odd in (3, 4):
        drawn[odd] = 1 - drawn[odd]
    kept = agreeing_keys(GUIDES, drawn)
    assert kept
    assert not {3, 4} & set(kept)
    assert len(agreeing_keys(GUIDES, drawn, count=3)) == 3
