"""The pass that finishes the drawing as a cel, before flicker is taken out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stylize.footage.clip import Pixels, Shot
from stylize.passes.base import Inputs
from stylize.style import Finish


@dataclass
class CelPass:
    """Flats, ink and colour by the style, at the working size. Its lines are steadied with the drawing."""

    finish: Finish
    size: tuple[int, int]

    name = "cel"
    needs: tuple[str, ...] = ("style",)
    lookaround = (0, 0)

    def settings(self) -> object:
        return [self.finish.model_dump(mode="json", exclude={"detail"}), self.size]

    def close(self) -> None:
        pass

    def render(self, shot: Shot, start: int, end: int, inputs: Inputs) -> Iterator[tuple[int, Pixels]]:
        from stylize.diffusion.sizes import scale_down
        from stylize.finish import finish_cel

        drawings = inputs.frames("style", start, end)
        for index, drawn, plate in zip(range(start, end), drawings, inputs.plate(start, end), strict=True):
            yield index, finish_cel(drawn, scale_down(plate, self.size), self.finish)
