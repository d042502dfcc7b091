"""Only what is open is painted, and as the whole frame would be."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from deflicker.keyframes import painter as module
from deflicker.keyframes.boxes import CELL, LARGEST, open_boxes
from deflicker.keyframes.painter import Painter, PainterSettings, Sample


def _marked(shape, boxes):
    marked = np.zeros(shape, bool)
    for box in boxes:
        marked[box] = True
    return marked


@pytest.mark.parametrize("share", [0.0, 0.0005, 0.02, 0.5, 1.0])
def test_every_open_pixel_lies_in_a_rectangle_of_bounded_size(share):
    rng = np.random.default_rng(3)
    is_open = rng.random((600, 1100)) < share
    boxes = open_boxes(is_open, 32)
    assert _marked(is_open.shape, boxes)[is_open].all()
    for down, across in boxes:
        assert down.start % CELL == across.start % CELL == 0
        assert 0 < down.stop - down.start <= LARGEST
        assert 0 < across.stop - across.start <= LARGEST
        assert down.stop <= 600
        assert across.stop <= 1100
    assert bool(boxes) == bool(is_open.any())


def test_far_groups_have_rectangles_of_their_own():
    is_open = np.zeros((400, 640), bool)
    is_open[20:40, 30:50] = is_open[350:399, 600:640] = True
    boxes = open_boxes(is_open, 32)
    assert len(boxes) == 2
    assert _marked(is_open.shape, boxes).mean() < 0.05


@pytest.fixture(scope="module")
def learnt():
    rng = np.random.default_rng(1)
    photograph = rng.random((96, 160, 3)).astype(np.float32)
    known = np.ones((96, 160), np.float32)
    known[40:56, 64:90] = 0
    sample = Sample(photograph, 1 - photograph, [(1 - photograph, known)])
    return Painter.learn([sample], PainterSettings(40, 2, 48)), sample


def test_far_from_what_is_open_the_carried_picture_stays(learnt):
    painter, sample = learnt
    carried, known = sample.known[0]
    painted = painter.paint(sample.photograph, carried, known)
    assert np.array_equal(painted[:, :32], carried[:, :32])
    assert not np.allclose(painted[known == 0], carried[known == 0], atol=0.01)


def test_a_part_is_painted_as_in_the_whole_frame(learnt, monkeypatch):
    painter, sample = learnt
    carried, known = sample.known[0]
    part = painter.paint(sample.photograph, carried, known)
    monkeypatch.setattr(module, "open_boxes", lambda is_open, halo: [(slice(0, 96), slice(0, 160))])
    whole = painter.paint(sample.photograph, carried, known)
    assert np.abs(part - whole)[known == 0].max() < 0.02


@pytest.fixture(scope="module")
def painter():
    """It has learnt that whatever is light is painted red, whatever is dark blue."""
    photograph, painting, known = _scene(np.random.default_rng(1))
    return Painter.learn([Sample(photograph, painting, [(painting, known)])], PainterSettings(300, 4, 32))


def _scene(rng):
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


def test_one_that_was_kept_paints_the_same(painter):
    photograph, painting, known = _scene(np.random.default_rng(2))
    again = Painter.from_bytes(painter.to_bytes())
    assert np.array_equal(
        again.paint(photograph, painting, known), painter.paint(photograph, painting, known)
    )
    with pytest.raises(ValueError, match="no painter's"):
        Painter.from_bytes(b"something else")
