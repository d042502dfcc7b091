"""Checks that drawings can be learnt from, before a training spends an hour on them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from stylize.errors import UsageError
from training.dataset.drawing_folder import Drawing, DrawingFolder, read_picture

FEWEST, ENOUGH = 3, 15
"""Fewer drawings than the first are refused; for fewer than the second there is a note."""
THUMBNAIL_PX = 32
SAME = 0.015
"""Pictures are taken for repeats where the mean difference of their thumbnails is below this."""
Picture = NDArray[np.float32]


@dataclass(frozen=True)
class CheckedDrawings:
    """The drawings that will be learnt from, and sentences that the user should read."""

    found: DrawingFolder
    notes: tuple[str, ...]

    @property
    def drawings(self) -> tuple[Drawing, ...]:
        return self.found.drawings


def check_drawings(found: DrawingFolder, smallest_px: int) -> CheckedDrawings:
    """Refuses drawings that cannot be used, leaves out repeats, and notes what else may be a mistake.

    Args:
        smallest_px: the least short side of a drawing, px.

    Raises:
        UsageError: pictures that do not decode, captions or sources without a picture, pictures that are too
            small, or too few to learn from.
    """
    if found.unreadable:
        raise UsageError(
            f"This picture cannot be read{_and_more(len(found.unreadable))}.",
            where=found.unreadable[0],
            hint="open it and save it again, or take it out of the folder",
        )
    if found.orphans:
        kind = "caption" if found.orphans[0].suffix.lower() == ".txt" else "source"
        raise UsageError(
            f"This {kind} belongs to no picture{_and_more(len(found.orphans))}.",
            where=found.orphans[0],
            hint="beside portrait.png lie portrait.txt, its caption, and portrait.source.png, its source",
        )
    small = [drawing for drawing in found.drawings if min(drawing.size) < smallest_px]
    if small:
        width, height = small[0].size
        raise UsageError(
            f"This picture is too small: {width}x{height}, and {smallest_px} px are the least"
            f"{_and_more(len(small))}.",
            where=small[0].path,
            hint="scan it larger, take it out, or learn from smaller crops: --resolution",
        )
    kept, repeats = _without_repeats(found.drawings)
    if len(kept) < FEWEST:
        raise UsageError(
            f"There are too few drawings to learn from: {len(kept)} different ones.",
            where=found.folder,
            hint=f"give at least {FEWEST}; {ENOUGH} to 60 are good",
        )
    notes = [f"{first.path.name} and {again.path.name} are the same picture; the second is left out."
             for again, first in repeats]  # fmt: skip
    if len(kept) < ENOUGH:
        notes.append(
            f"{len(kept)} drawings are few: what they show may be learnt along with how it is drawn."
        )
    return CheckedDrawings(replace(found, drawings=tuple(kept)), tuple(notes))


def thumbnail(picture: Picture) -> Picture:
    """A picture at 32x32 px whatever its proportions, by which copies of other sizes and formats are recognised."""
    small = cv2.resize(picture, (THUMBNAIL_PX, THUMBNAIL_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def difference(one: Picture, other: Picture) -> float:
    """Mean absolute difference of two thumbnails, 0 to 1."""
    return float(np.abs(one - other).mean())


def _without_repeats(drawings: tuple[Drawing, ...]) -> tuple[list[Drawing], list[tuple[Drawing, Drawing]]]:
    """The drawings without repeats, and each repeat with the one that it repeats."""
    kept: list[Drawing] = []
    thumbnails: list[Picture] = []
    repeats = []
    for drawing in drawings:
        small = thumbnail(read_picture(drawing.path))
        first = next((n for n, one in enumerate(thumbnails) if difference(one, small) < SAME), None)
        if first is None:
            kept.append(drawing)
            thumbnails.append(small)
        else:
            repeats.append((drawing, kept[first]))
    return kept, repeats


def _and_more(count: int) -> str:
    return f" (and {count - 1} more like it)" if count > 1 else ""
