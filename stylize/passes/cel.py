"""The pass that finishes the drawing as a cel, before flicker is taken out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stylize.config.style import Finish
from stylize.passes.base import PLATE, Inputs, Pass, Pictures
from stylize.passes.frame_set import FrameSet


@dataclass
class CelPass(Pass):
    """Flats, ink and colour by the style, at the working size. Its lines are steadied with the drawing."""

    finish: Finish
    size: tuple[int, int]
    frames: FrameSet
    before: str
    plate: str = PLATE

    name = "cel"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.before, self.plate)

    def settings(self) -> object:
        from stylize.finish.cel import GRAIN
        from stylize.finish.ink import STRIDE_PX

        return [self.finish.cel_settings(), self.size, STRIDE_PX, GRAIN]

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        from stylize.finish import finish_cel

        numbers = shot[wanted.start : wanted.stop]
        drawings, plates = inputs.frames(self.before, numbers), inputs.frames(self.plate, numbers, self.size)
        for number, drawn, plate in zip(numbers, drawings, plates, strict=True):
            yield number, (finish_cel(drawn, plate, self.finish),)
