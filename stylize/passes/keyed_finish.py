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
        numbers = shot[wanted.start : wanted.stop]
        carried = inputs.frames(CARRIED, numbers)
        for (number, (enlarged,)), picture in zip(super().render(shot, wanted, inputs), carried, strict=True):
            colour, known = (np.ascontiguousarray(part) for part in (picture[..., :3], picture[..., 3]))
            yield number, (lay_over(enlarged, colour, known),)
