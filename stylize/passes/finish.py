"""The pass that brings the drawing to the source's size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stylize.passes.base import PLATE, Inputs, Pass, Pictures
from stylize.passes.frame_set import FrameSet


@dataclass
class FinishPass(Pass):
    """Enlarges the frames of the pass `before` along the plate's edges. `size` is the source's."""

    detail: float
    size: tuple[int, int]
    frames: FrameSet
    before: str
    plate: str = PLATE

    name = "finish"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.before, self.plate)

    def settings(self) -> object:
        return self.detail

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        from stylize.finish import enlarge

        numbers = shot[wanted.start : wanted.stop]
        drawings, plates = inputs.frames(self.before, numbers), inputs.frames(self.plate, numbers)
        for number, drawn, plate in zip(numbers, drawings, plates, strict=True):
            yield number, (enlarge(drawn, plate, self.detail),)
