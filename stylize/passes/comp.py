"""The pass that sets the drawn subject before the drawn backdrop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from compositing.colour import srgb_from_linear
from stylize.footage.cadence import ExposureSheet
from stylize.footage.clip import Pixels
from stylize.passes.base import Inputs

if TYPE_CHECKING:
    from stylize.comp.compositor import Compositor
    from stylize.comp.plan import CompPlan


@dataclass
class CompPass:
    """Every frame of the film: see `stylize.comp.compositor`."""

    comp: CompPlan
    sheet: ExposureSheet
    every: bool
    """Whether the pass before made every frame of the film, and not the drawings alone."""
    before: str
    name: str = field(default="comp", init=False)

    lookaround = (0, 0)
    sees_plate = False
    depends_on_frame_set = False

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.before, "matte", "backdrop")

    def reads(self, shot: Sequence[int], wanted: range) -> dict[str, Sequence[int]]:
        """Beside its own frames, the shot's first drawing, by whose lines the backdrop's are matched, and all of
        the backdrop's pictures."""
        take = self.comp.take_of(shot[wanted.start])
        numbers = [take.shot.start, *shot[wanted.start : wanted.stop]]
        return {self.before: numbers, "matte": numbers, "backdrop": take.drawn}

    def settings(self) -> object:
        return [self.comp.facts()["comp"], self.every or list(self.sheet.drawings)]

    def close(self) -> None:
        self.__dict__.pop("_held", None)

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pixels]]:
        numbers = shot[wanted.start : wanted.stop]
        compositor = self._compositor(numbers[0], inputs)
        drawings, mattes = inputs.frames(self.before, numbers), inputs.frames("matte", numbers)
        for number, drawn, matte in zip(numbers, drawings, mattes, strict=True):
            drawn_at = number if self.every else self.sheet.drawing_at(number)
            light = compositor.comp(number, drawn, matte, drawn_at)
            yield number, np.clip(srgb_from_linear(light), 0, 1)

    def _compositor(self, number: int, inputs: Inputs) -> Compositor:
        """The shot's compositor: it holds the backdrop's few pictures."""
        from stylize.comp.compositor import Compositor

        take = self.comp.take_of(number)
        held: Compositor | None = self.__dict__.get("_held")
        if held is None or held.take is not take:
            first = self.sheet.drawing_at(take.shot.start)
            subject = next(inputs.frames(self.before, [first])), next(inputs.frames("matte", [first]))[..., 0]
            held = Compositor(
                self.comp.scene, take, lambda key: next(inputs.frames("backdrop", [key])), subject
            )
            self.__dict__["_held"] = held
        return held
