"""The classical drawing of real frames: flat tones, lines at three weights, the same wherever it lies."""

from __future__ import annotations

import cv2
import numpy as np

from stylize.finish.ink import edge_tangent, mean_along
from training.base.classical import draw_classical
from training.base.classical.draw import (
    dark_marks,
    edge_lines,
    lighten_dense_lines,
    line_weights,
    raise_faint_edges,
)
from training.base.classical.tones import EdgeAwareMean, flat_tones


def ball(size: int = 96) -> np.ndarray:
    """A lit ball before a wall."""
    y, x = np.mgrid[:size, :size].astype(np.float32)
    away = np.hypot(x - size / 2, y - size / 2)
    light = np.clip(0.75 - 0.4 * ((x - size / 2) + (y - size / 2)) / size, 0, 1)
    picture = np.where((away < size / 3)[..., None], light[..., None] * [0.9, 0.5, 0.3], [0.5, 0.6, 0.8])
    return cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 0.7)


def test_a_shaded_ball_gets_a_light_and_a_dark_tone() -> None:
    photo = ball()
    drawn = draw_classical(photo).two
    light, seen = (np.diagonal(cv2.cvtColor(p, cv2.COLOR_RGB2LAB)[..., 0])[28:-28] for p in (drawn, photo))
    assert np.ptp(light[:9]) < 0.2 * np.ptp(seen[:9])
    assert np.ptp(light[-7:]) < 0.2 * np.ptp(seen[-7:])
    assert light[0] - light[-1] > 8


def test_three_tones_have_one_in_the_middle() -> None:
    stairs = np.repeat(np.float32([0.75, 0.6, 0.45]), 12)[None].repeat(36, axis=0)
    (drawn,) = flat_tones(np.repeat(stairs[..., None], 3, axis=2), 3)
    lab = cv2.cvtColor(drawn, cv2.COLOR_RGB2LAB)
    light, middle, dark = lab[18, [6, 18, 30], 0]
    assert light > middle + 5 > dark + 10


def test_a_gradient_stays_a_gradient() -> None:
    sky = np.repeat(np.linspace(0.6, 0.8, 128, dtype=np.float32)[:, None, None], 96, axis=1).repeat(3, axis=2)
    (drawn,) = flat_tones(sky, 2)
    steps = np.abs(np.diff(drawn[16:-16, 48, 0]))
    assert steps.max() < 0.01


def test_means_do_not_cross_edges() -> None:
    guide = np.zeros((32, 32, 1), np.float32)
    guide[:, 16:] = 1
    mean = EdgeAwareMean(guide, 30.0, 0.1).mean(guide)
    assert mean[:, :15].max() < 0.01
    assert mean[:, 17:].min() > 0.99


def test_lines_are_thin_medium_and_thick() -> None:
    ink = np.zeros((40, 40), np.float32)
    ink[19:21] = 1
    thin, medium, thick = line_weights(ink).sum(axis=(0, 1)) / 40
    assert thin < 0.75 * medium
    assert thick > 1.25 * medium


def test_a_tangle_is_lightened_and_a_line_is_not() -> None:
    ink = np.zeros((64, 128), np.float32)
    ink[31:33, :40] = 1
    ink[::3, 80:] = 1
    light = lighten_dense_lines(ink)
    assert light[32, 10] == 1
    assert light[33, 110] < 0.8


def test_a_moved_picture_gives_the_same_drawing_moved() -> None:
    wide = np.pad(ball(), ((20, 20), (20, 20), (0, 0)), mode="edge")
    one, other = draw_classical(wide[:-3, :-5]), draw_classical(wide[3:, 5:])
    apart = np.abs(one.two[3 + 24 : -24, 5 + 24 : -24] - other.two[24 : -24 - 3, 24 : -24 - 5])
    assert apart.mean() < 0.01


def test_means_follow_the_flow_and_do_not_cross_it() -> None:
    stripes = (np.arange(64) // 4 % 2).astype(np.float32)[:, None].repeat(64, axis=1)
    grain = np.random.default_rng(0).normal(0, 0.2, stripes.shape).astype(np.float32)
    calm = mean_along(stripes + grain, edge_tangent(stripes), 9.0, 1.5)[12:-12, 12:-12]
    kept = stripes[12:-12, 12:-12]
    assert (calm - kept).std() < 0.6 * grain.std()
    assert np.corrcoef(calm.ravel(), kept.ravel())[0, 1] > 0.95


def test_a_pale_subject_before_a_pale_wall_is_outlined() -> None:
    y, x = np.mgrid[:96, :96]
    grey = np.where(np.hypot(x - 48, y - 48) < 30, 0.82, 0.9).astype(np.float32)
    grey = cv2.GaussianBlur(grey, (0, 0), 0.8)
    picture = np.repeat(grey[..., None], 3, axis=2)
    away = np.hypot(x - 48, y - 48)
    lines = edge_lines(raise_faint_edges(grey), picture, 1.0)
    assert np.median(lines[np.abs(away - 28) < 0.5]) > 0.4
    assert lines[(away < 22) | (away > 36)].max() < 0.1


def test_grain_is_not_raised() -> None:
    grain = 0.5 + np.random.default_rng(0).normal(0, 0.006, (96, 96)).astype(np.float32)
    assert raise_faint_edges(grain).std() < 1.3 * grain.std()


def test_an_edge_of_colour_alone_is_a_line() -> None:
    lab = np.zeros((64, 64, 3), np.float32)
    lab[..., 0], lab[..., 1] = 60, 10
    lab[:, 32:, 1:] = 45
    picture = np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1)
    grey = np.full((64, 64), 0.6, np.float32)
    assert edge_lines(grey, picture, 1.0)[8:-8, 28:36].max(axis=1).min() > 0.4


def test_eyes_are_marks_and_gravel_is_not() -> None:
    face = np.full((80, 80), 0.75, np.float32)
    for x in (30, 50):
        cv2.ellipse(face, (x, 40), (3, 2), 0, 0, 360, 0.25, -1)
    marks = dark_marks(cv2.GaussianBlur(face, (0, 0), 0.7))
    assert marks[40, 30] > 0.8
    assert marks[40, 50] > 0.8
    assert marks[20:30].max() == 0
    gravel = face.copy()
    for down, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
        gravel[down::4, right::4] = 0.2
    assert dark_marks(gravel)[20:60, 20:60].mean() < 0.3 * (gravel < 0.5)[20:60, 20:60].mean()
