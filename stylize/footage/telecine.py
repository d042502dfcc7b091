"""Whether a film was telecined, measured on its pictures: where the cycle of five frames begins, and whether it
holds from the beginning to the end.

Twice in the cycle a frame repeats one field of the frame before it while the other field moves on: the earlier
field from the second frame to the third, the later one from the fourth to the fifth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stylize.footage.field_windows import FieldPair
from stylize.footage.fields import FieldOrder

CYCLE = 5
REPEATS_EARLIER, REPEATS_LATER = 1, 3
"""After which frame of the cycle each field is repeated."""
UNKNOWN = 2
"""After which frame of the cycle either field may rest, where the film holds a drawing for two frames."""
REPEATED, MOVED = 0.4, 0.6
"""How much less a field changes than the other one where it is repeated, and where it is not."""
LEAST_PAIRS = 5
"""How many pairs of a run must move before it tells of a cycle."""
ORDERS: tuple[FieldOrder, FieldOrder] = ("tff", "bff")
CYCLES = tuple((order, phase) for order in ORDERS for phase in range(CYCLE))

Repeats = list[tuple[int, str]]
"""Of the pairs of a run that move, the number of the first frame, and which field is repeated: `t` the upper one,
`b` the lower one, `-` none, `?` not to be told."""


@dataclass(frozen=True)
class Telecine:
    """A cycle of five frames: which field is the earlier one, and the number modulo 5 of those that begin it."""

    order: FieldOrder
    phase: int
    holds: bool
    """Whether it holds through all of the film that was measured: an edit breaks it."""


def measure_telecine(windows: Sequence[Sequence[FieldPair]]) -> Telecine | None:
    """The cycle of a telecined film; None where no run of pictures certainly has one."""
    runs = [_repeats(window) for window in windows]
    found = Counter(cycle for cycle in map(_cycle_of, runs) if cycle is not None)
    if not found:
        return None
    order, phase = found.most_common(1)[0][0]
    holds = not any(_contradicts(run, order, phase) for run in runs)
    return Telecine(order, phase, holds)


def rests_in_one_field(pair: FieldPair) -> bool:
    """Whether one field of a picture is repeated in the next while the other moves on."""
    return _repeated(pair) in ("t", "b")


def _repeats(window: Sequence[FieldPair]) -> Repeats:
    return [(pair.index, _repeated(pair)) for pair in window if pair.moves]


def _repeated(pair: FieldPair) -> str:
    upper, lower = (
        float(np.abs(after - before)[pair.moving].mean())
        for before, after in zip(pair.before, pair.after, strict=True)
    )
    if upper < REPEATED * lower:
        return "t"
    if lower < REPEATED * upper:
        return "b"
    return "-" if min(upper, lower) > MOVED * max(upper, lower) else "?"


def _due(index: int, order: FieldOrder, phase: int) -> str:
    place = (index - phase) % CYCLE
    if place == REPEATS_EARLIER:
        return "t" if order == "tff" else "b"
    if place == REPEATS_LATER:
        return "b" if order == "tff" else "t"
    return "?" if place == UNKNOWN else "-"


def _contradicts(run: Repeats, order: FieldOrder, phase: int) -> bool:
    return any("?" not in (seen, due := _due(index, order, phase)) and seen != due for index, seen in run)


def _cycle_of(run: Repeats) -> tuple[FieldOrder, int] | None:
    """The only cycle that a run has, if it shows both of its repeats."""
    if len(run) < LEAST_PAIRS or not {"t", "b"} <= {seen for _, seen in run}:
        return None
    fitting = [cycle for cycle in CYCLES if not _contradicts(run, *cycle)]
    return fitting[0] if len(fitting) == 1 else None
