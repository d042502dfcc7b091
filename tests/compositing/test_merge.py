"""The merge on pictures whose truth is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from compositing.colour import linear_from_srgb, luminance, over, srgb_from_linear
from compositing.errors import SizeMismatch
from compositing.merge import (
    MergeSettings,
    Silhouette,
    add_grain,
    follow_silhouette,
    grain,
    grain_level,
    line_weight,
    match_lines,
    merge_subject,
)
from compositing.merge.shadow import contact_shadow
from compositing.merge.wrap import edge_grade, light_wrap

PLAIN = MergeSettings(wrap=0, grade=0, shadow=0)
ROWS, COLUMNS = 270, 480


def disc(radius: float, x: float = 240, y: float = 135, fill: int = -1) -> np.ndarray:
    plane = np.zeros((ROWS, COLUMNS), np.float32)
    cv2.circle(plane, (round(x * 16), round(y * 16)), round(radius * 16), 1.0, fill, cv2.LINE_AA, 4)
    return plane


@pytest.fixture
def back() -> np.ndarray:
    rng = np.random.default_rng(1)
    small = rng.random((6, 9, 3), dtype=np.float32)
    return np.clip(cv2.resize(small, (COLUMNS, ROWS), interpolation=cv2.INTER_CUBIC), 0, 1).astype(np.float32)


@pytest.fixture
def front() -> np.ndarray:
    return disc(80)[..., None] * np.array([0.5, 0.2, 0.1], np.float32)


def test_a_plain_merge_is_over(front: np.ndarray, back: np.ndarray) -> None:
    alpha = disc(80)
    picture = merge_subject(front, alpha, back, PLAIN)
    np.testing.assert_allclose(picture, over(front, alpha, back), atol=1e-6)
    np.testing.assert_array_equal(picture[alpha == 0], back[alpha == 0])
    np.testing.assert_allclose(picture[alpha == 1], front[alpha == 1])


def test_parts_of_different_sizes_are_refused(front: np.ndarray, back: np.ndarray) -> None:
    with pytest.raises(SizeMismatch, match="480x270, its matte 480x270, the backdrop 240x270"):
        merge_subject(front, disc(80), back[:, :240], PLAIN)


def test_wrap_lights_the_rim_from_behind_and_leaves_the_middle(front: np.ndarray) -> None:
    alpha, bright = disc(80), np.ones((ROWS, COLUMNS, 3), np.float32)
    wrapped = light_wrap(front, alpha, bright, 0.5, 6)
    gain = luminance(wrapped) - luminance(front)
    assert gain[135, 240] == 0
    assert gain[135, 318] > 0.1  # two pixels inside the edge
    assert gain.min() > -1e-6
    assert np.abs(gain[alpha == 0]).max() < 1e-6
    dark = light_wrap(front, alpha, np.zeros_like(bright), 0.5, 6)
    np.testing.assert_allclose(dark, front, atol=1e-6)  # darkness throws no light


def test_grade_tints_without_lighting(front: np.ndarray) -> None:
    alpha = disc(80)
    blue = np.full((ROWS, COLUMNS, 3), (0.1, 0.2, 0.8), np.float32)
    graded = edge_grade(front, alpha, blue, 0.5, 6)
    assert graded[135, 318, 2] / graded[135, 318, 0] > 1.5 * front[135, 318, 2] / front[135, 318, 0]
    grey = edge_grade(front, alpha, np.full_like(blue, 0.4), 0.5, 6)
    np.testing.assert_allclose(grey, front, atol=1e-3)


def test_a_shadow_lies_at_the_feet_and_nowhere_else() -> None:
    standing = np.zeros((ROWS, COLUMNS), np.float32)
    standing[60:220, 220:250] = 1
    shade = contact_shadow(standing, 15)
    row, column = np.unravel_index(shade.argmax(), shade.shape)
    assert abs(row - 220) < 8
    assert abs(column - 235) < 12
    assert shade[100].max() < 0.01
    assert shade[222, 210:216].min() > 0.3  # seen beside the foot, and not under it alone
    cut_off = np.zeros((ROWS, COLUMNS), np.float32)
    cut_off[60:, 220:250] = 1
    assert not contact_shadow(cut_off, 15).any()
    dipping = np.zeros((ROWS, COLUMNS), np.float32)
    dipping[60:240, 200:300] = 1
    dipping[240:, 205:220] = 1  # one foot, just below the edge
    assert contact_shadow(dipping, 15).max() > 0.5


def inked(radius: float, ground: float = 0.62) -> tuple[np.ndarray, np.ndarray]:
    """A figure drawn on a flat ground with a dark outline; and its true alpha."""
    body, line = disc(radius), disc(radius, fill=3)
    colour = np.full((ROWS, COLUMNS, 3), ground, np.float32)
    colour += body[..., None] * (np.array([0.85, 0.5, 0.35], np.float32) - colour)
    colour *= 1 - 0.9 * line[..., None]
    return colour.astype(np.float32), np.maximum(body, line)


@pytest.mark.parametrize("drawn_radius", [81.0, 79.0])
def test_alpha_follows_the_drawn_edge(drawn_radius: float) -> None:
    drawn, truth = inked(drawn_radius)
    matte = disc(80)
    light, alpha = follow_silhouette(drawn, matte, Silhouette(reach_px=16))
    assert np.abs(alpha - truth).mean() < 0.25 * np.abs(matte - truth).mean()
    # On white, no rim of the grey ground is left: outside the outline nothing, in the outline darkness.
    white = over(light, alpha, np.ones_like(drawn))
    assert srgb_from_linear(white)[truth == 0].min() > 0.97


def test_a_soft_edge_stays_the_matte_s() -> None:
    matte = cv2.GaussianBlur(disc(80), (0, 0), 12)
    drawn = 0.62 + matte[..., None] * (np.array([0.85, 0.5, 0.35], np.float32) - 0.62)
    _, alpha = follow_silhouette(drawn.astype(np.float32), matte)
    assert np.abs(alpha - matte).max() < 0.05


def test_ground_far_from_the_matte_never_comes_in() -> None:
    drawn, _ = inked(80)
    drawn[20:40, 20:60] = (0.1, 0.1, 0.9)  # a blot that the model drew beside the subject
    light, alpha = follow_silhouette(drawn, disc(80))
    assert alpha[20:40, 20:60].max() == 0
    assert light[20:40, 20:60].max() == 0


@pytest.mark.parametrize("sigma", [0.01, 0.03])
def test_grain_is_measured_as_it_was_laid(back: np.ndarray, sigma: float) -> None:
    grey = cv2.cvtColor(srgb_from_linear(back), cv2.COLOR_RGB2GRAY)
    white = np.random.default_rng(3).standard_normal(grey.shape).astype(np.float32)
    noisy = srgb_from_linear(back) + sigma * white[..., None]
    assert grain_level(noisy) == pytest.approx(sigma, rel=0.15)
    assert grain_level(srgb_from_linear(back)) < 0.002


def test_grain_moves_and_is_the_same_each_time() -> None:
    assert grain((32, 48), 4).std() == pytest.approx(1, rel=0.05)
    np.testing.assert_array_equal(grain((32, 48), 4), grain((32, 48), 4))
    assert abs(np.corrcoef(grain((32, 48), 4).ravel(), grain((32, 48), 5).ravel())[0, 1]) < 0.1
    ends = np.stack([np.zeros((8, 8, 3)), np.ones((8, 8, 3))]).reshape(16, 8, 3).astype(np.float32)
    np.testing.assert_array_equal(add_grain(ends, grain((16, 8), 0), 0.1), ends)


def strokes(width: float) -> np.ndarray:
    big = np.full((1080, 1080, 3), 0.8, np.float32)
    for k in range(8):
        cv2.line(
            big, (40, 60 + 120 * k), (1040, 100 + 120 * k), (0.1, 0.1, 0.1), round(4 * width), cv2.LINE_AA
        )
    return np.asarray(cv2.resize(big, (540, 540), interpolation=cv2.INTER_AREA), np.float32)


def test_line_weights_are_told_apart_and_matched() -> None:
    thin, thick = line_weight(strokes(0.8)), line_weight(strokes(1.6))
    assert thick - thin == pytest.approx(1.5, abs=0.6)
    heavier = match_lines(strokes(0.8), thin, thick)
    assert line_weight(heavier) == pytest.approx(thick, abs=0.5)
    lighter = match_lines(strokes(1.6), thick, thin)
    assert line_weight(lighter) == pytest.approx(thin, abs=0.6)
    flat = np.full((90, 90, 3), 0.5, np.float32)
    assert line_weight(flat) == 0
    np.testing.assert_array_equal(match_lines(flat, 0, 2), flat)


def test_colours_come_out_as_they_went_in(back: np.ndarray) -> None:
    np.testing.assert_allclose(linear_from_srgb(srgb_from_linear(back)), back, atol=1e-4)
