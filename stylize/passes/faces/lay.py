"""The pass that lays the faces into the picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stylize.footage.clip import Pixels
from stylize.footage.faces import FaceSheet, FaceTrack
from stylize.passes.base import Inputs, Pass, Pictures
from stylize.passes.faces.plates import squares_of
from stylize.passes.faces.tiles import tile_of
from stylize.passes.frame_set import FrameSet


@dataclass
class LayFacesPass(Pass):
    """Lays the pictures `drawn` of faces over the finished frames of the pass `before`, where there is one.

    Attributes:
        drawings: the frames of which faces are drawn; a held face is moved to where it is in a frame.
    """

    sheet: FaceSheet
    size: tuple[int, int]
    frames: FrameSet
    drawings: FrameSet
    before: str
    drawn: str

    name = "faces"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.before, self.drawn)

    def settings(self) -> object:
        fades = [[track.fades_in, track.fades_out] for track in self.sheet.tracks]
        held = None if self.frames.sheet is not None else list(self.drawings.numbers)
        return [squares_of(self.sheet), fades, self.sheet.margin, held]

    def reads(self, shot: Sequence[int], wanted: range) -> dict[str, Sequence[int]]:
        numbers = shot[wanted.start : wanted.stop]
        return {self.before: numbers, self.drawn: [number for number in numbers if self._shown(number)]}

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        numbers = shot[wanted.start : wanted.stop]
        rows = inputs.frames(self.drawn, [number for number in numbers if self._shown(number)])
        for number, picture in zip(numbers, inputs.frames(self.before, numbers), strict=True):
            faces = self._shown(number)
            yield number, (self._laid(picture, number, faces, next(rows)) if faces else picture,)

    def _shown(self, number: int) -> list[FaceTrack]:
        """The faces that are followed both in a frame and in the drawing that it shows."""
        drawn_at = self.drawings.shown_at(number)
        return [track for track in self.sheet.at(number) if drawn_at in track]

    def _laid(self, picture: Pixels, number: int, faces: Sequence[FaceTrack], row: Pixels) -> Pixels:
        from stylize.finish.faces import lay_square, resized

        laid = picture.copy()
        for track in sorted(
            faces, key=lambda each: each.square_at(number).side
        ):  # the nearest is the largest
            left, top, side = track.square_at(number)
            drawn = resized(tile_of(row, self.sheet, track.slot), side)
            lay_square(laid, drawn, left, top, self.sheet.margin, track.weight_at(number))
        return laid
