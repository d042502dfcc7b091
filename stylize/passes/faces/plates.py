"""The pass that cuts the faces out of the plate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stylize.footage.faces import FaceSheet
from stylize.passes.base import PLATE, Inputs, Pass, Pictures
from stylize.passes.faces.tiles import empty_row, preview_of, tile_of
from stylize.passes.frame_set import FrameSet

FACE_PLATE = "face_plate"


@dataclass
class FacePlatePass(Pass):
    """Gives, of every frame that shows one, the squares around its faces at the size at which they are drawn."""

    sheet: FaceSheet
    frames: FrameSet
    plate: str = PLATE

    name = FACE_PLATE

    @property
    def size(self) -> tuple[int, int]:  # type: ignore[override]
        return self.sheet.tile * self.sheet.slots, self.sheet.tile

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.plate,)

    def settings(self) -> object:
        return squares_of(self.sheet)

    def preview_frames(self, shot: Sequence[int], index: int) -> tuple[Sequence[int], range]:
        return preview_of(self.sheet, index)

    def render(self, shot: Sequence[int], wanted: range, inputs: Inputs) -> Iterator[tuple[int, Pictures]]:
        from stylize.finish.faces import cut_square

        numbers = shot[wanted.start : wanted.stop]
        for number, plate in zip(numbers, inputs.frames(self.plate, numbers), strict=True):
            row = empty_row(self.sheet)
            for track in self.sheet.at(number):
                square = cut_square(plate, *track.square_at(number), self.sheet.tile)
                tile_of(row, self.sheet, track.slot)[...] = square
            yield number, (row,)


def squares_of(sheet: FaceSheet) -> object:
    """Where the faces are and how large they are drawn, as JSON can hold it."""
    return [sheet.tile, [[track.start, track.slot, list(map(list, track.squares))] for track in sheet.tracks]]
