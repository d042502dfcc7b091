"""The pass that takes the flicker out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import overload

from deflicker import SteadySettings, choose_backend, steady_part
from stylize.footage.clip import Pixels
from stylize.generators.load import one_model_at_a_time
from stylize.passes.base import PLATE, Inputs, Pass, Pictures, reach
from stylize.passes.frame_set import FrameSet

METHOD = 2
"""Goes up when steadying changes."""


@dataclass
class SteadyPass(Pass):
    """Steadies the drawings by the motion of the plate, inside each shot.

    Neighbours are counted in drawings: where they are held on twos, the next one lies two frames away.
    """

    steady: SteadySettings
    size: tuple[int, int]
    frames: FrameSet
    before: str
    plate: str = PLATE
    device: str = "cpu"
    """Where drawings are fused: see `deflicker.choose_backend`."""
    rereads: bool = True
    """Whether drawings can be read out of turn at little cost: then large ones are not held meanwhile."""

    name = "steady"
    depends_on_frame_set = True

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.before, self.plate)

    @property
    def lookaround(self) -> tuple[int, int]:  # type: ignore[override]
        return self.steady.lookaround, self.steady.lookaround

    @property
    def window_frames(self) -> int:  # type: ignore[override]
        return sum(self.lookaround) + 1

    def settings(self) -> object:
        backend = choose_backend(self.device)
        return [METHOD, asdict(self.steady), self.size, backend.engine, backend.flow]

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        near = reach(shot, wanted, self.lookaround)
        numbers = shot[near.start : near.stop]
        drawn = (
            _Drawings(inputs, self.before, numbers) if self.rereads else inputs.frames(self.before, numbers)
        )
        plates = inputs.frames(self.plate, numbers, self.size)
        with one_model_at_a_time:
            engine, flow = choose_backend(self.device).load(self.steady.guide_height)
        frames = steady_part(drawn, plates, near, wanted, self.steady, flow, engine)
        for number, steadied in zip(shot[wanted.start : wanted.stop], frames, strict=True):
            yield number, (steadied,)


@dataclass(frozen=True)
class _Drawings(Sequence[Pixels]):
    """The frames `numbers` of a pass, read as often as they are asked for."""

    inputs: Inputs
    name: str
    numbers: Sequence[int]

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, place: int) -> Pixels: ...
    @overload
    def __getitem__(self, place: slice) -> list[Pixels]: ...
    def __getitem__(self, place: int | slice) -> Pixels | list[Pixels]:
        if isinstance(place, slice):
            return list(self.inputs.frames(self.name, self.numbers[place]))
        return next(self.inputs.frames(self.name, [self.numbers[place]]))

    def __iter__(self) -> Iterator[Pixels]:
        return self.inputs.frames(self.name, self.numbers)
