"""Frames that are flagged as two fields and are whole: 25PsF, film among interlaced footage, captions over it.

Cameras that take whole pictures often write them as two fields ("progressive segmented frame"), and edits mix both
kinds. Deinterlacing a whole frame costs half of its lines. Which a frame is shows where something moves: in a whole
frame its own fields fit together, and those of neighbouring frames do not; of two fields that were taken one after
the other, each fits about as well to a field of the frame beside it. See also `stylize.footage.field_order`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylize.footage.fields import deinterlaced
from stylize.footage.luma_fields import MOVES, Fields, fields_of

BLOCK = 16
"""Rows of a field and columns (as `fields_of` thins them out) of the blocks that are judged."""
LEAST_MOVING_PX = 24
"""How many pixels of a block must move before it says anything."""
WHOLE_RATIO = 1.3
"""By how much the fields of neighbouring frames must fit worse than a frame's own in a block of a whole frame."""
LEAST_COMBS = 1.15
"""By how much more lines must differ from those beside them than from those of their own field where combed."""
LARGEST_DIFFERENCE = 2.5
"""By which factor the fits of fields that lie equally far apart may differ, in a block that is partly combed."""
LEAST_ROWS = 4
"""Of a field: fewer tell nothing."""
LEAST_BLOCKS = 2
"""How many blocks must move before a frame is judged by them; without any it is deinterlaced."""
LEAST_WHOLE_SHARE, LARGEST_COMBED_SHARE = 0.5, 0.02
"""Of the blocks that move, how many must tell of a whole frame, and how many may be combed in it."""


def without_combs(pictures: Iterator[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
    """The pictures of a film by their flags: deinterlaced, but for those that are whole, which stay as they are.

    Args:
        pictures: `av.VideoFrame`s of one size, one after the other, with their numbers.
    """
    kept: dict[int, tuple[Any, Fields | None]] = {}

    def seen() -> Iterator[tuple[int, Any]]:
        for index, picture in pictures:
            kept[index] = picture, fields_of(picture)
            yield index, picture

    nothing = (None, None)
    for index, clean in deinterlaced(seen()):
        stored, fields = kept[index]
        sides = [kept.get(beside, nothing)[1] for beside in (index - 1, index + 1)]
        whole = fields is not None and is_whole(fields, [each for each in sides if each is not None])
        yield index, stored if whole else clean
        kept.pop(index - 1, None)


def is_whole(frame: Fields, beside: list[Fields]) -> bool:
    """Whether both fields of a frame are certainly of one moment.

    Args:
        frame: its upper and its lower field.
        beside: those of the frames before and after it.
    """
    if frame[0].shape[0] < LEAST_ROWS:
        return False
    same, own = _misfit(*frame), sum(_apart(field) for field in frame) / 2
    said = []
    for other in beside:
        moves = _moving(frame, other)
        moved = _blocks(moves) >= LEAST_MOVING_PX
        if moved.sum() < LEAST_BLOCKS:
            continue
        crossed = (_misfit(frame[0], other[1]), _misfit(other[0], frame[1]))
        mine, lines, *fits = (_blocks(np.where(moves, each, 0)) for each in (same, own, *crossed))
        near = np.minimum(*fits)
        fits_best = near >= WHOLE_RATIO * mine
        combed = (near < LARGEST_DIFFERENCE * mine) & (mine > LEAST_COMBS * lines)
        whole_share, combed_share = ((moved & each).sum() / moved.sum() for each in (fits_best, combed))
        said.append(whole_share >= LEAST_WHOLE_SHARE and combed_share <= LARGEST_COMBED_SHARE)
    return bool(said) and all(said)


def _misfit(upper: NDArray[np.float32], lower: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much lines differ from both lines beside them, (rows - 2, columns)."""
    of_lower = np.abs(upper[1:-1] - 2 * lower[1:-1] + upper[2:])
    of_upper = np.abs(lower[:-2] - 2 * upper[1:-1] + lower[1:-1])
    return np.asarray((of_lower + of_upper) / 2, np.float32)


def _apart(field: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same within one field, whose lines lie twice as far apart."""
    return np.asarray(np.abs(field[:-2] - 2 * field[1:-1] + field[2:]), np.float32)


def _moving(frame: Fields, other: Fields) -> NDArray[np.bool_]:
    upper, lower = (np.abs(b - a) > MOVES for a, b in zip(frame, other, strict=True))
    return np.asarray(upper | lower)[1:-1]


def _blocks(values: NDArray[Any]) -> NDArray[np.float32]:
    """Sums over blocks; what is left over at the lower and the right end counts to the last block."""
    rows, columns = (np.arange(0, max(1, size // BLOCK * BLOCK), BLOCK) for size in values.shape)
    summed = np.add.reduceat(np.asarray(values, np.float32), rows, axis=0)
    return np.asarray(np.add.reduceat(summed, columns, axis=1))
