"""Whether footage without a flag is interlaced, measured on its pictures, and which of the two fields comes first.

Of two frames that follow one another the fields are t1, b1, t2, b2. In progressive film t1 and b1 are of one
moment, so that t1 and b1 fit together, and t2 with b1 as badly as t1 with b2. Where the upper field comes first,
the four follow one another at equal steps: t1 with b1 and b1 with t2 fit equally badly, and t1 with b2, three times
as far apart, much worse. Where the lower field comes first, it is t2 with b1 that fits worst.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stylize.footage.field_windows import FieldPair
from stylize.footage.fields import FieldOrder

LEAST_RATIO = 1.3
"""By how much fields that lie further apart must fit worse."""
LARGEST_DIFFERENCE = 2.5
"""By which factor the fits of fields that lie equally far apart may differ."""
LEAST_COMBS = 1.15
"""By how much lines must differ more from those beside them, which are of the other field, than from those of their
own field."""
LEAST_PAIRS = 4
LEAST_SHARE = 0.5
"""How many of the pairs in which something moves must say so, and which share of them."""
LARGEST_CONTRARY_SHARE = 0.05


@dataclass(frozen=True)
class Fit:
    """How badly lines fit between those of another field, where something moves, in levels of 255."""

    same_frame: float
    lower_then_upper: float
    """The lower field of a frame with the upper one of the next."""
    upper_then_lower: float
    own_field: float
    """The same within one field, whose lines lie twice as far apart."""


def measure_fit(pair: FieldPair) -> Fit:
    """The fit of a pair's four fields to each other."""
    (t1, b1), (t2, b2) = pair.before, pair.after
    moving = pair.moving[1:-1]
    same = (_misfit(t1, b1, moving) + _misfit(t2, b2, moving)) / 2
    own = float(np.mean([np.abs(f[:-2] - 2 * f[1:-1] + f[2:])[moving].mean() for f in (t1, b1, t2, b2)]))
    return Fit(same, _misfit(t2, b1, moving), _misfit(t1, b2, moving), own)


def _misfit(upper: NDArray[np.float32], lower: NDArray[np.float32], moving: NDArray[np.bool_]) -> float:
    """How much lines differ from the mean of both lines beside them, doubled."""
    of_lower = np.abs(upper[1:-1] - 2 * lower[1:-1] + upper[2:])
    of_upper = np.abs(lower[:-2] - 2 * upper[1:-1] + lower[1:-1])
    return float((of_lower + of_upper)[moving].mean() / 2)


def order_of_pair(pair: FieldPair) -> FieldOrder | None:
    """What one pair of frames says; None where it is progressive, or nothing can be said."""
    if not pair.moving[1:-1].any():
        return None
    fit = measure_fit(pair)
    near, far = sorted((fit.lower_then_upper, fit.upper_then_lower))
    is_sure = (
        far > LEAST_RATIO * near
        and near < LARGEST_DIFFERENCE * fit.same_frame
        and fit.same_frame < LARGEST_DIFFERENCE * near
        and fit.same_frame > LEAST_COMBS * fit.own_field
    )
    if not is_sure:
        return None
    return "tff" if near == fit.lower_then_upper else "bff"


def measure_field_order(windows: list[list[FieldPair]]) -> FieldOrder | None:
    """The order of a film's fields where it is certainly interlaced, else None."""
    said = [order_of_pair(pair) for window in windows for pair in window if pair.moves]
    orders: tuple[FieldOrder, FieldOrder] = ("tff", "bff")
    upper, lower = (said.count(order) for order in orders)
    most, least = max(upper, lower), min(upper, lower)
    if most < max(LEAST_PAIRS, LEAST_SHARE * len(said)) or least > LARGEST_CONTRARY_SHARE * len(said):
        return None
    return orders[0] if upper > lower else orders[1]
