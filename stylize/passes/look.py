"""The pass that gives the film's picture its look: glow, screentone, paper, grain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from stylize.config.style import Finish
from stylize.passes.base import Inputs, Pass, Pictures
from stylize.passes.frame_set import FrameSet

VERSION = 1
"""Of what glow, screentone, paper and grain look like: another one makes these frames anew."""


@dataclass
class LookPass(Pass):
    """The last step of a frame's way, over drawing and backdrop alike. Every frame of the film has grain of its
    own, also where a drawing is held."""

    finish: Finish
    size: tuple[int, int]
    frames: FrameSet
    before: str

    name = "look"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.before,)

    def settings(self) -> object:
        return [VERSION, self.finish.look_settings()]

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        from stylize.finish import finish_look

        numbers = shot[wanted.start : wanted.stop]
        for number, picture in zip(numbers, inputs.frames(self.before, numbers), strict=True):
            colour = finish_look(np.ascontiguousarray(picture[..., :3]), self.finish, number)
            yield number, (np.dstack([colour, picture[..., 3:]]) if picture.shape[2] > 3 else colour,)
