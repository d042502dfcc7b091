"""The pass that lays the carried keys, at the source's size, over the finished drawing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from deflicker.keyframes import lay_over
from stylize.passes.base import Inputs, Pictures
from stylize.passes.carry import CARRIED
from stylize.passes.finish import FinishPass


@dataclass
class KeyedFinishPass(FinishPass):
    """Enlarges the frames of the pass `before`, and keeps of them only what no key shows: the rest is the carried
    picture itself, as sharp as it was painted."""

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.before, self.plate, CARRIED)

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        enlarging, numbers = self.enlarging(), shot[wanted.start : wanted.stop]
        read = (inputs.frames(name, numbers) for name in self.needs)
        for number, drawn, plate, carried in zip(numbers, *read, strict=True):
            below = enlarging(np.ascontiguousarray(drawn[..., :3]), plate)
            colour, known = (np.ascontiguousarray(part) for part in (carried[..., :3], carried[..., 3]))
            yield number, (lay_over(below, colour, known),)
