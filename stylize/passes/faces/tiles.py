"""One picture for all faces of a frame: a row of squares, one for each slot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from stylize.footage.clip import Pixels
from stylize.footage.faces import FaceSheet
from stylize.passes.base import Inputs


def empty_row(sheet: FaceSheet) -> Pixels:
    """A row in which no face stands yet, (tile, tile * slots, 3) float32."""
    return np.zeros((sheet.tile, sheet.tile * sheet.slots, 3), np.float32)


def tile_of(row: Pixels, sheet: FaceSheet, slot: int) -> Pixels:
    """The square of a slot, which is a part of the row."""
    return row[:, slot * sheet.tile : (slot + 1) * sheet.tile]


@dataclass(frozen=True)
class TileInputs:
    """What a pass reads that works on one face: the face's squares in place of whole rows."""

    rows: Inputs
    sheet: FaceSheet
    slot: int

    def frames(
        self, name: str, numbers: Sequence[int], size: tuple[int, int] | None = None
    ) -> Iterator[Pixels]:
        """The squares of a slot at these frames; they have the one size that faces are drawn at."""
        rows = self.rows.frames(name, numbers)
        return (np.ascontiguousarray(tile_of(row, self.sheet, self.slot)) for row in rows)


def preview_of(sheet: FaceSheet, index: int) -> tuple[Sequence[int], range]:
    """What to render to show frame `index` alone: nothing where it shows no face."""
    return [index], range(1 if sheet.at(index) else 0)
