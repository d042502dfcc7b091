"""The draughtsmen of the bundled styles: what they draw can be learnt, and what was filmed is still there."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.look.measures import edge_f1, edges
from tests.training.drawings import draw_shapes
from training.styles import ARTISTS
from training.styles.drawings import layers_of
from training.styles.layers import Layers
from training.styles.surface import exposed


@pytest.fixture(scope="module")
def shapes() -> Layers:
    photo, _ = draw_shapes(5, 160, 160)
    return layers_of(photo.astype(np.float32) / 255)


@pytest.mark.parametrize("name", ARTISTS)
def test_shapes_keep_their_edges_and_chance_is_the_seeds_alone(name: str, shapes: Layers) -> None:
    one, again = (ARTISTS[name](shapes, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one, again)
    assert one.shape == shapes.photo.shape
    assert one.min() >= 0
    assert one.max() <= 1
    assert edge_f1(edges(one, 1.5), edges(shapes.photo, 1.5)) > 0.7


@pytest.mark.parametrize("name", ARTISTS)
@pytest.mark.parametrize("tone", [0.2, 0.5, 0.8])
def test_on_a_bare_wall_nobody_draws_shapes(name: str, tone: float) -> None:
    """Hatching, paper and grain are tones from a step back: strokes that beat with the pixels would be patches."""
    wall = np.full((128, 128, 3), tone, np.float32)
    drawn = ARTISTS[name](Layers(wall, wall, np.zeros((128, 128), np.float32)), np.random.default_rng(0))
    assert edges(drawn, 1.5).mean() < 0.01


def test_before_a_bright_sky_faces_do_not_turn_black() -> None:
    picture = np.full((40, 40, 3), 0.93, np.float32)
    picture[10:20, 10:20] = 0.45
    assert exposed(picture, 0.5)[15, 15, 0] > 0.2
