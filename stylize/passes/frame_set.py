"""Which frames a pass makes, and which of them is shown at every frame of the film."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stylize.footage.cadence import ExposureSheet


@dataclass(frozen=True)
class FrameSet:
    """Frames of the clip, ascending.

    Where a `sheet` is given, the frames are its drawings, and each is shown until the next one comes; else every
    frame is shown at its own number.
    """

    numbers: Sequence[int]
    sheet: ExposureSheet | None = None

    @classmethod
    def of_drawings(cls, sheet: ExposureSheet) -> FrameSet:
        """The drawings of an exposure sheet, held as it says."""
        return cls(sheet.drawings, sheet)

    def shown_at(self, index: int) -> int:
        """The number of the frame that is shown at frame `index` of the film."""
        return index if self.sheet is None else self.sheet.drawing_at(index)
