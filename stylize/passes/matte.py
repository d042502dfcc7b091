"""The passes that take the subject off its screen: its matte, and itself on a flat ground."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from stylize.footage.clip import Clip, Pixels
from stylize.passes.base import Inputs

if TYPE_CHECKING:
    from compositing.matte import Keyed, MatteSource
    from stylize.comp.plan import CompPlan


@dataclass
class _Keyed:
    comp: CompPlan
    clip: Clip
    needs: tuple[str, ...] = field(default=(), init=False)

    lookaround = (0, 0)
    sees_plate = False
    depends_on_frame_set = False

    def settings(self) -> object:
        return self.comp.facts()["matte"]

    def close(self) -> None:
        self.__dict__.pop("_held", None)

    def keyed(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Keyed]]:
        from stylize.comp.keying import keyed_frames

        numbers = shot[wanted.start : wanted.stop]
        source = self._source(numbers[0])
        return keyed_frames(source, self.comp.take_of(numbers[0]).shot, numbers, inputs)

    def _source(self, number: int) -> MatteSource:
        """The keyer of the shot that a frame belongs to: made once, as it looks through the shot first."""
        from stylize.comp.keying import make_keying

        shot = self.comp.take_of(number).shot
        held: tuple[object, MatteSource] | None = self.__dict__.get("_held")
        if held is None or held[0] != shot:
            held = (shot, make_keying(self.comp.scene, self.clip, shot))
            self.__dict__["_held"] = held
        return held[1]


@dataclass
class MattePass(_Keyed):
    """The plate's alpha, in red and green; in blue, what the shadows on the screen leave of its light."""

    name = "matte"

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pixels]]:
        for number, keyed in self.keyed(shot, wanted, inputs):
            shadow = np.ones_like(keyed.alpha) if keyed.shadow is None else keyed.shadow
            yield number, np.dstack([keyed.alpha, keyed.alpha, shadow])


@dataclass
class SubjectPass(_Keyed):
    """The subject on a flat ground, free of the screen's light: the plate that all later passes see."""

    name = "subject"

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pixels]]:
        from stylize.comp.keying import on_ground

        for number, keyed in self.keyed(shot, wanted, inputs):
            yield number, on_ground(keyed, self.comp.scene.key.ground)
