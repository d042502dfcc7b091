"""How unusual a frame's difference from its neighbours is, beside the differences of the frames around it.

What is usual for a film is taken off, since a film that flickers all over has no unstable frames: a frame is judged
by its robust z, the distance from the median of the frames around it in units of their own scatter, and must differ
visibly besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deflicker.difference import Difference

FEWEST = 4
"""With fewer other frames, none can be called unusual."""
NORMAL = 1.4826
"""The median absolute deviation of a normal distribution, times this, is its standard deviation."""


@dataclass(frozen=True)
class Limit:
    """Unstable from this robust z on, if the difference is at least `least`; `scatter` is the least scatter."""

    z: float
    least: float
    scatter: float


LIMITS = {
    "light": Limit(1.9, 0.38, 0.03),
    "colour": Limit(3.2, 0.16, 0.015),
    "structure": Limit(5.0, 0.07, 0.017),
    "detail": Limit(2.6, 0.31, 0.03),
    "shapes": Limit(8.6, 0.29, 0.05),
    "patches": Limit(22.0, 0.051, 0.012),
}
"""Fitted to 189 bad frames each in full and in half the usual flicker, in seven films of each of the three tuning
takes of `benchmarks.repair` (pan, gust, chase); the other three score."""
LOCAL = ("shapes", "patches")
"""Differences by tiles: of a part of the frame."""
UPWARDS = ("structure", *LOCAL)
"""To be more alike than usual is no fault."""
SURELY = 0.99
"""What lies so far below a limit lies below it however it was rounded."""
REASONS = {
    "light": "it is {} than its neighbours",
    "colour": "its colours are not its neighbours'",
    "structure": "it shows other shapes than its neighbours",
    "detail": "it is {} than its neighbours",
    "shapes": "a part of it shows other shapes than its neighbours",
    "patches": "a part of it has other colours than its neighbours",
}
DIRECTIONS = {"light": ("darker", "lighter"), "detail": ("softer", "rougher")}


@dataclass(frozen=True)
class Scores:
    """Of one frame, by the kind of difference: one number, or one a channel or a tile.

    Attributes:
        z: robust z.
        severity: how far z and the difference itself lie beyond their limits; 1 and more is unstable.
    """

    z: dict[str, Any]
    severity: dict[str, Any]

    @property
    def worst(self) -> str:
        """The kind of difference that is the most severe."""
        return max(self.severity, key=lambda name: float(self.severity[name].max()))

    @property
    def is_whole(self) -> bool:
        """Whether the frame as a whole is off, not a part of it alone."""
        return any(self.severity[name].max() >= 1 for name in self.severity if name not in LOCAL)

    @property
    def tiles(self) -> NDArray[np.bool_]:
        """The parts of the frame that are off, (rows, columns)."""
        return np.asarray(np.max([self.severity[name] for name in LOCAL], axis=0) >= 0.3)

    @property
    def largest_z(self) -> dict[str, float]:
        """The z of the worst channel or tile."""
        known = {name: np.nan_to_num(z) for name, z in self.z.items()}
        return {name: round(float(z.flat[np.abs(z).argmax()]), 2) for name, z in known.items()}

    @property
    def reason(self) -> str:
        """What is wrong with the frame, in words."""
        name, z = self.worst, self.z[self.worst]
        if name in DIRECTIONS:
            return REASONS[name].format(DIRECTIONS[name][int(z > 0)])
        if name not in LOCAL:
            return REASONS[name]
        row, column = np.unravel_index(np.nan_to_num(z, nan=-np.inf).argmax(), z.shape)
        across, down = (column + 0.5) / z.shape[1], (row + 0.5) / z.shape[0]
        return f"{REASONS[name]}, around {across:.0%} from the left and {down:.0%} from the top"


def score(own: Difference, others: Sequence[Difference]) -> Scores:
    """A frame's difference beside those of the frames around it, at least `FEWEST`."""
    scores = Scores({}, {})
    for name, limit in LIMITS.items():
        usual = np.stack([np.asarray(getattr(each, name)) for each in others])
        z, apart = _robust_z(np.asarray(getattr(own, name)), usual, limit.scatter)
        severity = np.nan_to_num(np.fmin(np.abs(z) / limit.z, np.abs(apart) / limit.least))
        if name in UPWARDS:
            severity = np.where(z > 0, severity, 0)
        scores.z[name], scores.severity[name] = z, severity
    return scores


def is_surely_usual(own: Difference, known: Sequence[Difference], count: int) -> bool:
    """Whether `score` will find a difference usual whatever the others are, of which some are not known yet.

    A severity of 1 takes a difference of `least` from the median of the others. Where that counts upwards alone,
    it takes as large a difference in itself, for none is below 0; else the median is bound by those that are
    known, once they are more than half.

    Args:
        known: those that are known.
        count: how many others there will be.
    """
    if count < FEWEST:
        return True
    if 2 * len(known) <= count:
        return False
    for name, limit in LIMITS.items():
        value = np.asarray(getattr(own, name))
        if name in UPWARDS:
            apart = np.nan_to_num(value).max()
        else:
            apart = np.abs(np.stack([np.asarray(getattr(each, name)) for each in known]) - value).max()
        if not apart < limit.least * SURELY:
            return False
    return True


def _robust_z(value: Any, others: NDArray[Any], least: float) -> tuple[Any, Any]:
    """(value - median) / scatter over the first axis of `others`, and the difference itself.

    The scatter is the scaled median absolute deviation, more where there are few others, and at least `least`.
    """
    with np.errstate(invalid="ignore"):
        middle = _nan_median(others)
        few = 1 + 3 / len(others) + 24 / len(others) ** 2
        scatter = np.fmax(NORMAL * _nan_median(np.abs(others - middle)), least) * few
        return (value - middle) / scatter, value - middle


def _nan_median(values: NDArray[Any]) -> Any:
    """The median over the first axis of what is no NaN; NaN where fewer than `FEWEST` are left."""
    known = np.isfinite(values).sum(axis=0)
    ordered = np.sort(values, axis=0)  # NaNs come last
    low, high = np.maximum(known - 1, 0) // 2, known // 2
    picked = [
        np.take_along_axis(ordered, at[None], axis=0)[0] for at in (low, np.minimum(high, len(values) - 1))
    ]
    return np.where(known >= FEWEST, (picked[0] + picked[1]) / 2, np.nan)
