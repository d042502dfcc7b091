"""A pass makes the same pixels in chunks of any size, from frames within its lookaround and no others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from benchmarks.steady.film import Film, render
from benchmarks.steady.flicker import Flicker
from deflicker import SteadySettings
from stylize.footage.cadence import expose
from stylize.footage.clip import Pixels, Shot
from stylize.passes import PLATE, FrameSet, GlidePass, Pass, RepairPass, SteadyPass
from stylize.passes.base import reach

FRAMES, SIZE = 84, (64, 36)
BAD = 40
SHOT = Shot(0, FRAMES)
SHEET = expose([SHOT], [2], [0, 1, 2, 3, 3, 3, *range(6, FRAMES)])


@pytest.fixture(scope="module")
def film() -> Film:
    """One shot, longer than twice the longest lookaround, with one black drawing."""
    film = render(4, FRAMES, SIZE[1], Flicker(pops=0))
    film.drawn[BAD][...] = 0
    return film


@dataclass
class Inputs:
    """Frames of a film in memory; those beyond `allowed` are refused."""

    film: Film
    allowed: Sequence[int]

    def frames(
        self, name: str, numbers: Sequence[int], size: tuple[int, int] | None = None
    ) -> Iterator[Pixels]:
        return self._read(self.film.source if name == PLATE else self.film.drawn, numbers)

    def _read(self, frames: Sequence[Pixels], numbers: Sequence[int]) -> Iterator[Pixels]:
        for number in numbers:
            assert number in self.allowed, f"frame {number} lies beyond the lookaround"
            yield frames[number]


EVERY = FrameSet(range(FRAMES))
PASSES: dict[str, Pass] = {
    "repair": RepairPass("auto", SIZE, EVERY, before="style"),
    "steady": SteadyPass(SteadySettings(), SIZE, EVERY, before="repair"),
    "glide": GlidePass(SHEET, SIZE, EVERY, before="steady"),
}


@pytest.mark.parametrize("name", list(PASSES))
def test_chunks_of_any_size_give_the_same_pixels(film: Film, name: str) -> None:
    step, shot = PASSES[name], range(FRAMES)
    whole = dict(step.render(shot, range(FRAMES), Inputs(film, shot)))
    assert list(whole) == list(shot)
    for wanted in (range(2), range(40, 41), range(41, 44)):
        allowed = reach(shot, wanted, step.lookaround)
        part = list(step.render(shot, wanted, Inputs(film, allowed)))
        assert [number for number, _ in part] == list(wanted)
        for number, (picture,) in part:
            assert np.array_equal(picture, whole[number][0]), f"frame {number} of the chunk {wanted}"
    if name == "repair":
        assert whole[BAD][0].any()


def test_steadying_on_another_kind_of_device_is_another_result() -> None:
    """The engines agree to a level, not to the bit: frames of one must not be taken for those of the other."""
    on = {
        name: SteadyPass(SteadySettings(), SIZE, EVERY, before="style", device=name).settings()
        for name in ("cpu", "cuda", "cuda:1")
    }
    assert on["cuda"] == on["cuda:1"] != on["cpu"]


@pytest.mark.parametrize("name", ["repair", "steady"])
def test_a_calm_film_flows_through_a_few_frames_behind(name: str) -> None:
    """What plainly needs nothing is not held back until all frames are there that it could depend on."""
    film, read = render(2, FRAMES, SIZE[1], Flicker()), list[int]()

    class Watched(Inputs):
        def frames(self, name: str, numbers: Sequence[int], size: object = None) -> Iterator[Pixels]:
            for number in numbers:
                if name == PLATE:
                    read.append(number)
                yield film.source[number]  # it is drawn as it was photographed

    ahead = []
    for number, (picture,) in PASSES[name].render(range(FRAMES), range(FRAMES), Watched(film, range(FRAMES))):
        ahead.append(max(read) - number)
        assert np.array_equal(picture, film.source[number])
    assert max(ahead) <= 10
    assert np.median(ahead) <= 4
