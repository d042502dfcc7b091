"""The pass that draws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from stylize.footage.clip import Pixels, Shot
from stylize.look import Look
from stylize.passes.base import Inputs

if TYPE_CHECKING:
    from stylize.diffusion.painter import Painter


@dataclass
class StylePass:
    """Draws every plate at the working size with the look's model, which is loaded when first needed."""

    look: Look
    revision: str
    size: tuple[int, int]

    name = "style"
    needs: tuple[str, ...] = ()
    lookaround = (0, 0)

    def settings(self) -> object:
        facts = self.look.model_dump(
            mode="json", exclude={"style", "finish", "steady", "offline", "checkpoint", "annotators"}
        )
        # Devices of a kind draw alike; one card among several is no difference.
        return [facts | {"device": self.look.device.split(":")[0]}, self.revision, self.size]

    @cached_property
    def painter(self) -> Painter:
        from stylize.diffusion.painter import Painter

        return Painter.load(self.look)

    def close(self) -> None:
        self.__dict__.pop("painter", None)

    def render(self, shot: Shot, start: int, end: int, inputs: Inputs) -> Iterator[tuple[int, Pixels]]:
        """Batches are cut from the shot's first frame on, so a resumed run meets the same batches."""
        from stylize.diffusion.sizes import scale_down

        batch = self.look.batch
        first = shot.start + (start - shot.start) // batch * batch
        last = min(shot.end, shot.start + -(-(end - shot.start) // batch) * batch)
        plates: list[Pixels] = []
        for index, plate in zip(range(first, last), inputs.plate(first, last), strict=True):
            plates.append(scale_down(plate, self.size))
            if len(plates) < batch and index + 1 < last:
                continue
            numbers = range(index + 1 - len(plates), index + 1)
            for number, drawn in zip(numbers, self.painter.draw(plates, numbers, shot), strict=True):
                if start <= number < end:
                    yield number, drawn
            plates = []
