"""The pass that brings the drawing to the source's size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stylize.footage.clip import Pixels
from stylize.passes.base import Inputs


@dataclass
class FinishPass:
    """Enlarges the frames of the pass `before` along the plate's edges."""

    detail: float
    before: str

    name = "finish"
    lookaround = (0, 0)
    sees_plate = True
    depends_on_frame_set = False

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.before,)

    def settings(self) -> object:
        return self.detail

    def close(self) -> None:
        pass

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pixels]]:
        from stylize.finish import enlarge

        numbers = shot[wanted.start : wanted.stop]
        drawings, plates = inputs.frames(self.before, numbers), inputs.plates(numbers)
        for number, drawn, plate in zip(numbers, drawings, plates, strict=True):
            yield number, enlarge(drawn, plate, self.detail)
