"""The pass that moves a held drawing along with the plate until the next one comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stylize.footage.cadence import ExposureSheet
from stylize.footage.clip import Pixels
from stylize.passes.base import PLATE, Inputs, Pass, Pictures
from stylize.passes.frame_set import FrameSet


@dataclass
class GlidePass(Pass):
    """Makes every frame of the film from the drawings of the pass `before`: see `deflicker.glide`.

    A drawing's own frame, and a frame that repeats its picture, show it as it is.
    """

    sheet: ExposureSheet
    size: tuple[int, int]
    frames: FrameSet
    before: str
    plate: str = PLATE

    name = "glide"
    depends_on_frame_set = True

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.before, self.plate)

    @property
    def lookaround(self) -> tuple[int, int]:  # type: ignore[override]
        """From any frame to the drawing that it shows, and to the next one."""
        return self.sheet.longest - 1, self.sheet.longest

    def settings(self) -> object:
        return self.size

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        from deflicker import glide
        from stylize.diffusion.sizes import scale_down

        first, last = shot[wanted.start], shot[wanted.stop - 1]
        read = range(self.sheet.drawing_at(first), min(self.sheet.hold_end(last), shot[-1]) + 1)
        keys: list[tuple[Pixels, Pixels]] = []
        between: list[tuple[int, Pixels]] = []
        for number, plate in zip(read, inputs.frames(self.plate, read), strict=True):
            guide = scale_down(plate, self.size)
            if number == self.sheet.drawing_at(number):
                keys = [*keys[-1:], (next(inputs.frames(self.before, [number])), guide)]
                yield from ((at, (glide(there, keys),)) for at, there in between)
                between = []
            if self.sheet.shows_it_as_it_is(number):
                if first <= number <= last:
                    yield number, (keys[-1][0],)
            elif first <= number <= last:
                between.append((number, guide))
        yield from ((at, (glide(there, keys[-1:]),)) for at, there in between)
