"""What is open of a frame between a model's own keys: the plate fills a little, and much of it is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from stylize.config.settings import RunSettings
from stylize.footage.clip import Pixels, Shot
from stylize.generators.resolve import resolve_config
from stylize.passes.base import PLATE
from stylize.passes.carry import CARRIED
from stylize.passes.frame_set import FrameSet
from stylize.passes.open_parts import MUCH, SMALL, OpenPartsPass, without_specks

SIZE = (64, 48)
RED = np.array([0.8, 0.2, 0.2], np.float32)


class Draws:
    """A model whose drawing is blue, and that counts what it draws."""

    def __init__(self) -> None:
        self.drawn: list[int] = []

    def draw(self, plates: Sequence[Pixels], numbers: Sequence[int], shot: Shot) -> list[Pixels]:
        self.drawn += numbers
        return [np.broadcast_to(np.float32([0.1, 0.1, 0.9]), plate.shape).copy() for plate in plates]


class Given:
    """A grey plate with a texture, and a red drawing of it that is open from some column on."""

    def __init__(self, open_from: int) -> None:
        texture = np.random.default_rng(0).uniform(0.3, 0.7, (SIZE[1], SIZE[0], 1))
        carried = np.zeros((SIZE[1], SIZE[0], 4), np.float32)
        carried[:, :open_from] = (*RED, 1)
        self.pictures = {PLATE: texture.repeat(3, axis=2).astype(np.float32), CARRIED: carried}

    def frames(self, name: str, numbers: Sequence[int], size: object = None) -> Iterator[Pixels]:
        return (self.pictures[name] for _ in numbers)


@pytest.mark.parametrize(
    ("least", "open_from", "drawn"),
    [(MUCH, 56, False), (MUCH, 20, True), (SMALL, 56, True), (MUCH, 64, False)],
)
def test_a_frame_is_drawn_where_much_of_it_is_open(least: float, open_from: int, drawn: bool) -> None:
    model, given = Draws(), Given(open_from)
    filled = OpenPartsPass(resolve_config(RunSettings()), "weights", SIZE, FrameSet(range(1)), least=least)
    filled.generator.get(lambda: model)  # type: ignore[arg-type,return-value]
    ((_, (picture,)),) = filled.render(range(1), range(1), given)  # type: ignore[arg-type]
    assert bool(model.drawn) == drawn
    np.testing.assert_allclose(picture[:, : open_from - 1], np.broadcast_to(RED, (48, open_from - 1, 3)))
    if not drawn and open_from < 64:
        rest = picture[:, 58:]
        assert np.abs(rest.mean((0, 1)) - RED).max() < 0.25, "in the colours around"
        assert rest.std() > 0.02, "with the plate's forms"


def test_the_fingerprint_says_so() -> None:
    config = resolve_config(RunSettings())
    settings = [
        OpenPartsPass(config, "weights", SIZE, FrameSet(range(1)), least=least).settings()
        for least in (SMALL, MUCH, 0.5)
    ]
    assert settings[0] != settings[1] != settings[2]


def test_specks_keep_the_carried_paint_and_wider_parts_are_open() -> None:
    known = np.ones((384, 400), np.float32)
    known[100:104, 50:54] = 0  # a speck
    known[:, 200:203] = 0  # a dotted line's width
    known[200:260, 300:360] = 0
    closed = without_specks(known)
    assert np.all(closed[:, :250] == 1)
    assert np.all(closed[200:260, 300:360] == 0)
    assert closed.mean() < 1
