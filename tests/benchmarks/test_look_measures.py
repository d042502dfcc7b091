"""The measures of a drawing, on pictures whose answers are known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from benchmarks.look import measures
from stylize.footage.clip import Pixels


def card(lines: bool = True) -> Pixels:
    """A bright square on grey, drawn round with a dark line of 2 px."""
    picture = np.full((160, 160, 3), 0.6, np.float32)
    cv2.rectangle(picture, (40, 40), (120, 120), (0.9, 0.9, 0.9), -1)
    if lines:
        cv2.rectangle(picture, (40, 40), (120, 120), (0.05, 0.05, 0.05), 2)
    return picture


def test_a_moved_edge_is_found_within_the_tolerance_and_not_beyond() -> None:
    truth = measures.edges(card(lines=False))
    assert measures.edge_f1(truth, truth) == 1
    assert measures.edge_f1(np.roll(truth, 1, axis=1), truth, 2.0) > 0.99
    assert measures.edge_f1(np.roll(truth, 6, axis=(0, 1)), truth, 2.0) < 0.2
    assert measures.edge_f1(np.zeros_like(truth), truth) == 0


def test_lines_are_counted_and_edges_are_not() -> None:
    assert measures.line_coverage(card(lines=False)) < 0.001
    expected = 4 * 80 * 3 / 160**2
    assert measures.line_coverage(card()) == pytest.approx(expected, rel=0.3)


def test_texture_is_that_of_the_flats() -> None:
    rng = np.random.default_rng(0)
    noisy = card() + rng.normal(0, 0.02, (160, 160, 3)).astype(np.float32)
    flat = measures.flat_areas(card())
    assert not flat[40, 80]
    assert measures.texture(card(), flat) < 0.5
    assert measures.texture(noisy, flat) == pytest.approx((255 * 0.02) ** 2 * 0.43, rel=0.15)


def test_structure_tells_a_blur_from_a_lighter_grade() -> None:
    blurred = np.asarray(cv2.GaussianBlur(card(), (0, 0), 3), np.float32)
    lighter = card() * 0.95 + 0.05
    assert measures.structure_distance(card(), card()) == pytest.approx(0, abs=1e-6)
    assert measures.structure_distance(blurred, card()) > 5 * measures.structure_distance(lighter, card())


def test_warmth_and_cast_are_levels() -> None:
    warmer = card() + np.array([0.04, 0, 0], np.float32)
    assert measures.warmth(warmer) - measures.warmth(card()) == pytest.approx(0.04 * 255, rel=1e-2)
    assert measures.cast(warmer, card()) == pytest.approx(0.04 * 255, rel=1e-2)


def test_two_clean_tones_are_told_from_a_gradient() -> None:
    everywhere = np.ones((160, 160), bool)
    ramp = np.repeat(np.linspace(0.3, 0.9, 160, dtype=np.float32)[None, :, None], 160, 0).repeat(3, 2)
    step = np.where(np.arange(160)[None, :, None] < 83, 0.4, 0.8).astype(np.float32) * np.ones_like(ramp)
    assert measures.two_tone_share(step, everywhere) == 1
    assert measures.two_tone_share(card(), everywhere) > 0.95
    assert measures.two_tone_share(ramp, everywhere) < 0.5
    assert np.isnan(measures.two_tone_share(step, ~everywhere))
