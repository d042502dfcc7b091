"""The size at which small faces are drawn."""

from __future__ import annotations

import pytest

from stylize.diffusion.checkpoint_info import CheckpointInfo
from stylize.footage.faces import FaceTrack, Square
from stylize.generators.faces import fitting_tile

TRACKS = (FaceTrack(0, (Square(5, 5, 40), Square(5, 5, 60))), FaceTrack(9, (Square(0, 0, 50),), slot=1))


def checkpoint(*, predicts_clean: bool) -> CheckpointInfo:
    return CheckpointInfo("here", "1", 1, 384, 8, 4, predicts_clean=predicts_clean)


@pytest.mark.parametrize(("side", "tile"), [(60, 256), (142, 256), (143, 320), (300, 384)])
def test_a_square_is_enlarged_as_far_as_it_helps(side: int, tile: int) -> None:
    tracks = (*TRACKS, FaceTrack(20, (Square(0, 0, side),)))
    assert fitting_tile(384, tracks, checkpoint(predicts_clean=True)) == tile


def test_other_models_draw_at_the_size_that_they_were_trained_for() -> None:
    assert fitting_tile(384, TRACKS, checkpoint(predicts_clean=False)) == 384
