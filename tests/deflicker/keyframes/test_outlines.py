"""A painted outline that lies beside the edge of its thing, on a ground that stands still."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from deflicker.keyframes import Key, carry_keys

ROWS, COLUMNS, FRAMES, RADIUS = 288, 352, 5, 36
DARK = 0.15
CENTRES = [(90 + 24 * t, 150) for t in range(FRAMES)]


def _ground() -> np.ndarray:
    noise = np.random.default_rng(1).uniform(0, 1, (ROWS, COLUMNS, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 4.0)
    return np.clip(0.35 + (soft - soft.mean()), 0, 1)


def _ball(picture: np.ndarray, t: int, radius: int, colour: float) -> np.ndarray:
    return cv2.circle(picture.copy(), CENTRES[t], radius, (colour,) * 3, -1)


@pytest.mark.parametrize("width", [2, 4])
def test_an_outline_does_not_stay_where_its_thing_was(width: int) -> None:
    guides = {t: np.rint(_ball(_ground(), t, RADIUS, 0.95) * 255).astype(np.uint8) for t in range(FRAMES)}
    painting = _ball(_ball(_ground()[..., ::-1], 0, RADIUS + width, 0.0), 0, RADIUS, 0.8)
    last = list(carry_keys(guides, [Key(0, np.ascontiguousarray(painting))], range(FRAMES)))[-1]
    shown = (last.known > 0.5) & (last.picture.max(axis=-1) < DARK)
    y, x = np.mgrid[:ROWS, :COLUMNS]
    around = np.hypot(x - CENTRES[0][0], y - CENTRES[0][1]) < RADIUS + width + 3
    assert (shown & around).sum() == 0, "the ink that the ball left behind is open"
    inside = np.hypot(x - CENTRES[4][0], y - CENTRES[4][1]) < RADIUS - 4
    assert last.known[inside].mean() > 0.6, "the ball is not"
    assert last.known.mean() > 0.75
