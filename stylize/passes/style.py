"""The pass that draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from stylize.config.resolved import ResolvedConfig
from stylize.footage.clip import Pixels, Shot
from stylize.passes.base import Inputs

if TYPE_CHECKING:
    from stylize.generators.base import FrameGenerator


@dataclass
class StylePass:
    """Draws every plate at the working size with the look's model, which is loaded when first needed."""

    config: ResolvedConfig
    revision: str
    size: tuple[int, int]

    name = "style"
    needs: tuple[str, ...] = ()
    lookaround = (0, 0)
    sees_plate = True

    @property
    def depends_on_frame_set(self) -> bool:
        """A network rounds differently by the size of a batch, and the last one of a shot may be smaller."""
        return self.config.batch > 1

    def settings(self) -> object:
        facts = self.config.model_dump(
            mode="json",
            exclude={
                *("style", "finish", "deflicker", "offline", "checkpoint", "annotators"),
                *("cadence", "hold", "repair", "runtime"),
            },
        )
        # Devices of a kind draw alike; one card among several is no difference.
        return [facts | {"device": self.config.device.split(":")[0]}, self.revision, self.size]

    @cached_property
    def generator(self) -> FrameGenerator:
        from stylize.generators.load import load_generator

        return load_generator(self.config)

    def close(self) -> None:
        self.__dict__.pop("painter", None)

    @property
    def batch_alignment(self) -> int:
        return self.config.batch

    def reads(self, shot: Sequence[int], wanted: range) -> dict[str, Sequence[int]]:
        whole = self._whole_batches(shot, wanted)
        return dict.fromkeys(self.needs, shot[whole.start : whole.stop])

    def _whole_batches(self, shot: Sequence[int], wanted: range) -> range:
        batch = self.config.batch
        return range(wanted.start // batch * batch, min(len(shot), -(-wanted.stop // batch) * batch))

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pixels]]:
        """Batches are cut from the shot's first frame on, so a resumed run meets the same batches."""
        from stylize.diffusion.sizes import scale_down

        batch = self.config.batch
        whole = self._whole_batches(shot, wanted)
        first, numbers = whole.start, shot[whole.start : whole.stop]
        plates = (scale_down(plate, self.size) for plate in inputs.plates(numbers))
        take = Shot(shot[0], shot[-1] + 1)
        for at in range(0, len(numbers), batch):
            few = numbers[at : at + batch]
            drawn = self.generator.draw(list(islice(plates, len(few))), few, take)
            for position, (number, picture) in enumerate(zip(few, drawn, strict=True), start=first + at):
                if position in wanted:
                    yield number, picture
