"""The passes that take the subject off its screen: its matte, and itself on a flat ground."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from stylize.footage.clip import Clip, Pixels
from stylize.passes.base import Inputs

if TYPE_CHECKING:
    from stylize.comp.keying import Keyed, Keying
    from stylize.comp.plan import CompPlan


@dataclass
class _Keyed:
    comp: CompPlan
    clip: Clip
    needs: tuple[str, ...] = field(default=(), init=False)

    lookaround = (0, 0)
    in_company = False

    def settings(self) -> object:
        return self.comp.facts()["matte"]

    def close(self) -> None:
        self.__dict__.pop("_held", None)

    def keyed(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Keyed]]:
        keying = self._keying(shot[wanted.start])
        numbers = shot[wanted.start : wanted.stop]
        for number, plate in zip(numbers, inputs.sources(numbers), strict=True):
            yield number, keying.key(plate, number)

    def _keying(self, number: int) -> Keying:
        """The keyer of the shot that a frame belongs to: made once, as it looks through the shot first."""
        from stylize.comp.keying import make_keying

        shot = self.comp.take_of(number).shot
        held: tuple[object, Keying] | None = self.__dict__.get("_held")
        if held is None or held[0] != shot:
            held = (shot, make_keying(self.comp.scene, self.clip, shot))
            self.__dict__["_held"] = held
        return held[1]


@dataclass
class MattePass(_Keyed):
    """The plate's alpha, as grey pictures."""

    name = "matte"

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pixels]]:
        for number, keyed in self.keyed(shot, wanted, inputs):
            yield number, np.repeat(keyed.alpha[..., None], 3, axis=2)


@dataclass
class SubjectPass(_Keyed):
    """The subject on a flat ground, free of the screen's light: the plate that all later passes see."""

    name = "subject"

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pixels]]:
        ground = self.comp.scene.key.ground
        for number, keyed in self.keyed(shot, wanted, inputs):
            yield number, keyed.on_ground(ground)
