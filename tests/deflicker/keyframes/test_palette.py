"""Colours of one drawing brought to those of another."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from deflicker.keyframes import Palette, agreeing_keys
from deflicker.keyframes.palette import UNCHANGED, fitted
from tests.deflicker.keyframes.test_carry_keys import COLUMNS, FRAMES, GUIDES, ROWS, TRUTH


def _other(picture):
    """Less saturated, tinted, darker in the middle."""
    grey = picture.mean(axis=2, keepdims=True)
    tint = np.float32([0.95, 1.0, 1.06])
    return np.clip((grey + np.float32(0.8) * (picture - grey)) * tint, 0, 1) ** np.float32(1.15)


def _drawings():
    return {at: cv2.resize(TRUTH[at], (COLUMNS, ROWS)) for at in range(FRAMES)}


def test_another_palette_is_undone_where_the_drawings_agree():
    wanted = _drawings()[4]
    own = _other(wanted)
    own[:20, :20] = 0.9  # drawn otherwise here
    sure = np.ones(wanted.shape[:2], np.float32)
    sure[-10:] = 0
    brought = fitted(own, wanted, sure).applied(own)
    assert np.abs(_other(wanted) - wanted).mean() > 0.04
    assert np.abs(brought - wanted)[20:].mean() < 0.01


def test_too_little_or_another_drawing_is_no_palette():
    wanted = _drawings()[4]
    nothing = np.zeros(wanted.shape[:2], np.float32)
    assert fitted(_other(wanted), wanted, nothing) == UNCHANGED
    assert fitted(1 - wanted, wanted, nothing + 1) == UNCHANGED
    assert UNCHANGED.applied(wanted) is wanted


@pytest.mark.parametrize("rows", [((0.0,) * 7,) * 2, ((0.0,) * 6,) * 3, ((float("nan"),) * 7,) * 3])
def test_what_is_no_palette(rows):
    with pytest.raises(ValueError, match="3 rows of 7"):
        Palette(rows)


def test_drawings_that_are_kept_come_to_one_palette():
    drawn = _drawings()
    for at in (4, 5, 6, 7):
        drawn[at] = _other(drawn[at])
    kept = agreeing_keys(GUIDES, drawn, count=3)
    assert {at in (4, 5, 6, 7) for at in kept} == {True, False}
    usual = [at for at, palette in kept.items() if palette == UNCHANGED]
    wanted = {at: _other(truth) if usual[0] in (4, 5, 6, 7) else truth for at, truth in _drawings().items()}
    for at, palette in kept.items():
        assert np.abs(palette.applied(drawn[at]) - wanted[at]).mean() < 0.02
