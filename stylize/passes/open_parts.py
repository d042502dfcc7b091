"""The pass that draws what no key shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray

from deflicker.keyframes import lay_over
from stylize.footage.clip import Pixels, Shot
from stylize.passes.base import Inputs, Pictures
from stylize.passes.carry import CARRIED
from stylize.passes.style import StylePass, drawing_settings

SMALL = 2e-4
"""A frame of which less than this is open is not drawn: no one sees it."""
FROM_PLATE = "from the plate, 2"
"""The number goes up when the way changes in which the plate fills what is open."""
SPECK = 5 / 384
"""Where the plate fills what is open, open parts narrower than this, in heights of the picture, keep the carried
paint: dots of the plate along an outline are worse than its best guess."""
MUCH = 0.25
"""Of frames between a model's own keys, one that is open so far is drawn all the same."""


@dataclass
class OpenPartsPass(StylePass):
    """The carried frames at the working size, their open parts drawn by the config's model.

    It starts from the carried picture, in whose open parts the plate stands in the picture's colours, and only the
    open parts are taken from the drawing. A batch is drawn if any of its frames is open.
    """

    least: float = field(default=SMALL, kw_only=True)
    """A frame of which less is open is not drawn: the plate, finished as a drawing is, fills what is open of it."""
    in_previews: bool = field(default=True, kw_only=True)

    name = "filled"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.plate, CARRIED)

    def settings(self) -> object:
        finish = self.config.finish.cel_settings()
        rarely = [] if self.least == SMALL else [FROM_PLATE, self.least]
        return [drawing_settings(self.config), self.revision, self.size, finish, *rarely]

    def network_frames(self, numbers: Sequence[int]) -> float:
        return super().network_frames(numbers) if self.least == SMALL else 0.0

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        from stylize.diffusion.sizes import scale_down

        batch = self.config.batch
        first = wanted.start // batch * batch
        numbers = shot[first : min(len(shot), -(-wanted.stop // batch) * batch)]
        plates = (scale_down(plate, self.size) for plate in inputs.frames(self.plate, numbers))
        carried = (scale_down(picture, self.size) for picture in inputs.frames(CARRIED, numbers))
        whole_shot = Shot(shot[0], shot[-1] + 1)
        for at in range(0, len(numbers), batch):
            few = numbers[at : at + batch]
            seen = list(islice(plates, len(few))), list(islice(carried, len(few)))
            pictures = self._filled(*seen, few, whole_shot)
            for position, (number, picture) in enumerate(zip(few, pictures, strict=True), start=first + at):
                if position in wanted:
                    yield number, (picture,)

    def _filled(
        self, plates: list[Pixels], carried: list[Pixels], numbers: Sequence[int], shot: Shot
    ) -> list[Pixels]:
        from stylize.finish import finish_cel
        from stylize.generators.load import load_generator

        parts = [
            (np.ascontiguousarray(each[..., :3]), np.ascontiguousarray(each[..., 3])) for each in carried
        ]
        opens = [float((1 - known).mean()) for _, known in parts]
        if all(part < self.least for part in opens):
            return [
                colour if part < SMALL else self._from_plate(plate, colour, known)
                for part, plate, (colour, known) in zip(opens, plates, parts, strict=True)
            ]
        starts = [lay_over(plate, *part) for plate, part in zip(plates, parts, strict=True)]
        drawn = self.generator.get(lambda: load_generator(self.config)).draw(starts, numbers, shot)
        if self.config.finish.touches_the_cel:
            drawn = [
                finish_cel(each, start, self.config.finish) for each, start in zip(drawn, starts, strict=True)
            ]
        return [lay_over(each, *part) for each, part in zip(drawn, parts, strict=True)]

    def _from_plate(self, plate: Pixels, colour: Pixels, known: Pixels) -> Pixels:
        """The carried picture, in its open parts the plate in its colours, finished as a drawing is."""
        from stylize.finish import finish_cel

        known = without_specks(known)
        start = lay_over(plate, colour, known)
        if self.config.finish.touches_the_cel:
            start = finish_cel(start, start, self.config.finish)
        return lay_over(start, colour, known)


def without_specks(known: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far a picture is known, (h, w) in [0, 1], its open parts that are narrower than `SPECK` closed."""
    side = round(SPECK * known.shape[0]) | 1
    return np.asarray(cv2.morphologyEx(known, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8)), np.float32)
