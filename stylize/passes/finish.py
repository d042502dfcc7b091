"""The pass that brings the drawing to the source's size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stylize.footage.clip import Pixels, Shot
from stylize.passes.base import Inputs


@dataclass
class FinishPass:
    """Enlarges the frames of the pass `before` along the plate's edges."""

    detail: float
    before: str

    name = "finish"
    lookaround = (0, 0)

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.before,)

    def settings(self) -> object:
        return self.detail

    def close(self) -> None:
        pass

    def render(self, shot: Shot, start: int, end: int, inputs: Inputs) -> Iterator[tuple[int, Pixels]]:
        from stylize.finish import enlarge

        drawings = inputs.frames(self.before, start, end)
        for index, drawn, plate in zip(range(start, end), drawings, inputs.plate(start, end), strict=True):
            yield index, enlarge(drawn, plate, self.detail)
