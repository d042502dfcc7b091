"""The pass that finishes the drawing as a cel, before flicker is taken out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stylize.config.style import Finish
from stylize.footage.clip import Pixels
from stylize.passes.base import Inputs


@dataclass
class CelPass:
    """Flats, ink and colour by the style, at the working size. Its lines are steadied with the drawing."""

    finish: Finish
    size: tuple[int, int]
    before: str = "style"

    name = "cel"
    lookaround = (0, 0)
    sees_plate = True
    depends_on_frame_set = False

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.before,)

    def settings(self) -> object:
        return [self.finish.model_dump(mode="json", exclude={"detail"}), self.size]

    def close(self) -> None:
        pass

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pixels]]:
        from stylize.diffusion.sizes import scale_down
        from stylize.finish import finish_cel

        numbers = shot[wanted.start : wanted.stop]
        drawings, plates = inputs.frames(self.before, numbers), inputs.plates(numbers)
        for number, drawn, plate in zip(numbers, drawings, plates, strict=True):
            yield number, finish_cel(drawn, scale_down(plate, self.size), self.finish)
