"""The pass that takes the flicker out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from deflicker import Steady, steady
from stylize.footage.clip import Pixels, Shot
from stylize.passes.base import Inputs, reach


@dataclass
class SteadyPass:
    """Steadies the drawings by the motion of the plate, inside each shot."""

    steady: Steady
    size: tuple[int, int]
    before: str

    name = "steady"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.before,)

    @property
    def lookaround(self) -> tuple[int, int]:
        return self.steady.lookaround, self.steady.lookaround

    def settings(self) -> object:
        return [asdict(self.steady), self.size]

    def close(self) -> None:
        pass

    def render(self, shot: Shot, start: int, end: int, inputs: Inputs) -> Iterator[tuple[int, Pixels]]:
        from stylize.diffusion.sizes import scale_down

        first, last = reach(shot, start, end, self.lookaround)
        drawn = inputs.frames(self.before, first, last)
        plates = (scale_down(plate, self.size) for plate in inputs.plate(first, last))
        for index, frame in enumerate(steady(drawn, plates, [(0, last - first)], self.steady), start=first):
            if start <= index < end:
                yield index, frame
            if index + 1 == end:
                return
