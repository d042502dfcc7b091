"""The network that paints what no key shows."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from deflicker.keyframes.painter import TILE, Painter, PainterSettings, Sample


@pytest.fixture(scope="module")
def painter() -> Painter:
    """It has learnt that whatever is light is painted red, whatever is dark blue."""
    photograph, painting, known = _scene(np.random.default_rng(1))
    return Painter.learn([Sample(photograph, painting, [(painting, known)])], PainterSettings(300, 4, 32))


def _scene(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    blocks = (rng.random((11, 13)) > 0.5).astype(np.float32).repeat(16, 0).repeat(16, 1)[:171, :205]
    photograph = np.repeat(0.2 + 0.6 * blocks[..., None], 3, axis=2)
    painting = np.dstack([blocks, np.zeros_like(blocks), 1 - blocks])
    known = np.ones(blocks.shape, np.float32)
    known[150:, 180:] = 0
    known[40:60, 20:90] = 0
    return photograph, painting, known


def test_holes_are_painted_by_what_the_photograph_shows(painter):
    photograph, painting, known = _scene(np.random.default_rng(2))
    carried = painting * known[..., None]
    painted = painter.paint(photograph, carried, known)
    error = np.abs(painted - painting).mean(axis=-1)
    assert error[known == 0].mean() < 0.15
    assert error[-1, -1] < 0.3
    assert error[150, 180] < 0.3


def test_tiles_that_are_known_all_over_are_left_alone(painter):
    photograph, painting, known = _scene(np.random.default_rng(2))
    painted = painter.paint(photograph, painting, known)
    is_open = np.zeros(known.shape, bool)
    for top in range(0, known.shape[0], TILE):
        for left in range(0, known.shape[1], TILE):
            tile = slice(top, top + TILE), slice(left, left + TILE)
            is_open[tile] = known[tile].min() < 1
    assert np.array_equal(painted[~is_open], painting[~is_open])
    assert (painted[is_open] != painting[is_open]).any()


def test_one_that_was_kept_paints_the_same(painter):
    photograph, painting, known = _scene(np.random.default_rng(2))
    again = Painter.from_bytes(painter.to_bytes())
    assert np.array_equal(
        again.paint(photograph, painting, known), painter.paint(photograph, painting, known)
    )
    with pytest.raises(ValueError, match="no painter's"):
        Painter.from_bytes(b"something else")


def test_flat_paint_shows_no_grid():
    """The network gives out blocks of two by two pixels, and even one that has learnt nothing may not show them."""
    flat = np.full((192, 192, 3), 0.5, np.float32)
    untaught = Painter.learn([Sample(flat, flat, [(flat, flat[..., 0] * 0)])], PainterSettings(1, 1, 32))
    painted = untaught.paint(flat, flat * 0, flat[..., 0] * 0)
    middle = painted[94:98, 94:98]
    assert np.abs(middle - flat[0, 0]).max() > 0.01
    assert np.ptp(middle, axis=(0, 1)).max() < 1e-3
