"""The pass that lays carried frames of a finished film over those that it has there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from deflicker.keyframes import lay_over
from stylize.passes.base import Inputs, Pass, Pictures
from stylize.passes.carry import CARRIED
from stylize.passes.frame_set import FrameSet


@dataclass
class LayKeysPass(Pass):
    """The carried frame, and where no key shows anything the picture `under`, in the carried one's colours."""

    size: tuple[int, int]
    frames: FrameSet
    under: str

    name = "keyed"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.under, CARRIED)

    def settings(self) -> object:
        return self.size

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        numbers = shot[wanted.start : wanted.stop]
        pairs = zip(inputs.frames(self.under, numbers), inputs.frames(CARRIED, numbers), strict=True)
        for number, (own, carried) in zip(numbers, pairs, strict=True):
            colour, known = (np.ascontiguousarray(part) for part in (carried[..., :3], carried[..., 3]))
            yield number, (lay_over(own, colour, known),)
