"""The pass that brings the drawing to the source's size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stylize.footage.clip import Pixels, Shot
from stylize.passes.base import Inputs
from stylize.style import Finish


@dataclass
class FinishPass:
    """Flats, lines and saturation by the style, then enlarged along the plate's edges."""

    finish: Finish
    before: str

    name = "finish"
    lookaround = (0, 0)

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.before,)

    def settings(self) -> object:
        return self.finish.model_dump(mode="json")

    def render(self, shot: Shot, start: int, end: int, inputs: Inputs) -> Iterator[tuple[int, Pixels]]:
        from stylize.finish import finish_frame

        drawings = inputs.frames(self.before, start, end)
        for index, drawn, plate in zip(range(start, end), drawings, inputs.plate(start, end), strict=True):
            yield index, finish_frame(drawn, plate, self.finish)
