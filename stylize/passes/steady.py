"""The pass that takes the flicker out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from deflicker import Steady, steady_part
from stylize.footage.clip import Pixels
from stylize.passes.base import Inputs, reach


@dataclass
class SteadyPass:
    """Steadies the drawings by the motion of the plate, inside each shot.

    Neighbours are counted in drawings: where they are held on twos, the next one lies two frames away.
    """

    steady: Steady
    size: tuple[int, int]
    before: str

    name = "steady"
    sees_plate = True
    in_company = True

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

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pixels]]:
        from stylize.diffusion.sizes import scale_down

        near = reach(shot, wanted, self.lookaround)
        numbers = shot[near.start : near.stop]
        drawn = inputs.frames(self.before, numbers)
        plates = (scale_down(plate, self.size) for plate in inputs.plates(numbers))
        frames = steady_part(drawn, plates, near, wanted, self.steady)
        yield from zip(shot[wanted.start : wanted.stop], frames, strict=True)
