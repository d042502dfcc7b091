"""The drawing programs of the bundled styles: their drawings can be learnt, and still show what was filmed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.look.measures import edges
from tests.training.drawings import draw_shapes
from training.styles import DRAWING_PROGRAMS
from training.styles.drawings import layers_of
from training.styles.picture_ops import exposed
from training.styles.scene_layers import SceneLayers

NEAR_PX = 3
DARK = 60


@pytest.fixture(scope="module")
def shapes() -> SceneLayers:
    photo, _ = draw_shapes(5, 160, 160)
    return layers_of(photo.astype(np.float32) / 255)


@pytest.fixture(scope="module")
def outlines() -> NDArray[np.bool_]:
    """Where the shapes of the photograph end, also those of its background's brightness."""
    _, drawn = draw_shapes(5, 160, 160)
    return (drawn < DARK).all(2)


def share_near(marks: NDArray[np.bool_], others: NDArray[np.bool_]) -> float:
    """The share of marks that lie near one of the others."""
    away = cv2.distanceTransform((~others).astype(np.uint8), cv2.DIST_L2, 5)
    return float((away[marks] <= NEAR_PX).mean())


@pytest.mark.parametrize("name", DRAWING_PROGRAMS)
def test_shapes_keep_their_edges_and_chance_is_the_seeds_alone(
    name: str, shapes: SceneLayers, outlines: NDArray[np.bool_]
) -> None:
    one, again = (DRAWING_PROGRAMS[name](shapes, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one, again)
    assert one.shape == shapes.photo.shape
    assert one.min() >= 0
    assert one.max() <= 1
    drawn = edges(one, 1.5)
    assert share_near(edges(shapes.photo, 1.5), drawn) > 0.9
    assert share_near(drawn, outlines) > 0.9


@pytest.mark.parametrize("name", DRAWING_PROGRAMS)
@pytest.mark.parametrize("tone", [0.2, 0.5, 0.8])
def test_on_a_bare_wall_no_shapes_are_drawn(name: str, tone: float) -> None:
    """Hatching, paper and grain look like even tones from a distance, without moire patterns."""
    wall = np.full((128, 128, 3), tone, np.float32)
    layers = SceneLayers(wall, wall, wall, np.zeros((128, 128), np.float32))
    drawn = DRAWING_PROGRAMS[name](layers, np.random.default_rng(0))
    assert edges(drawn, 1.5).mean() < 0.01


def test_before_a_bright_sky_faces_do_not_turn_black() -> None:
    picture = np.full((40, 40, 3), 0.93, np.float32)
    picture[10:20, 10:20] = 0.45
    assert exposed(picture, 0.5)[15, 15, 0] > 0.2
