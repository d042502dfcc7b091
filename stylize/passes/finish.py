"""The pass that brings the drawing to the source's size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from stylize.generators.enlarging import EDGES, Enlarging, enlarging_settings
from stylize.passes.base import PLATE, Inputs, Pass, Pictures
from stylize.passes.frame_set import FrameSet
from stylize.passes.held import Held


@dataclass
class FinishPass(Pass):
    """Enlarges the frames of the pass `before`, by default along the plate's edges. `size` is the source's."""

    detail: float
    size: tuple[int, int]
    frames: FrameSet
    before: str
    plate: str = PLATE
    enlarge: str = field(default=EDGES, kw_only=True)
    _enlarging: Held[Enlarging] = field(default_factory=Held, init=False, repr=False)

    name = "finish"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.before, self.plate)

    def settings(self) -> object:
        return enlarging_settings(self.enlarge, self.detail)

    def close(self) -> None:
        self._enlarging.release()

    def enlarging(self) -> Enlarging:
        """What enlarges, loaded when first needed."""
        from stylize.generators.enlarging import open_enlarging

        return self._enlarging.get(lambda: open_enlarging(self.enlarge, self.detail))

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        enlarging, numbers = self.enlarging(), shot[wanted.start : wanted.stop]
        drawings, plates = inputs.frames(self.before, numbers), inputs.frames(self.plate, numbers)
        for number, drawn, plate in zip(numbers, drawings, plates, strict=True):
            yield number, (enlarging(drawn, plate),)
