"""Whether a film was telecined, measured on its pictures: where the cycle of five frames begins, and whether it
holds from the beginning to the end.

Twice in the cycle a frame repeats one field of the frame before it while the other field moves on: the earlier
field from the second frame to the third, the later one from the fourth to the fifth. In 2:3:3:2 the later one is
repeated from the third frame to the fourth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from stylize.footage.field_windows import FieldPair
from stylize.footage.fields import FieldOrder
from stylize.footage.pulldown import CYCLE, PulldownKind

REPEATS_EARLIER = 1
"""After which frame of the cycle the earlier field is repeated."""
REPEATS_LATER: dict[PulldownKind, int] = {"2:3": 3, "2:3:3:2": 2}
UNKNOWN: dict[PulldownKind, int | None] = {"2:3": 2, "2:3:3:2": None}
"""After which frame of the cycle either field may rest, where the film holds a drawing for two frames."""
REPEATED, MOVED = 0.4, 0.6
"""How much less a field changes than the other one where it is repeated, and where it is not."""
LEAST_PAIRS = 5
"""How many pairs of a run must move before it tells of a cycle."""
ORDERS: tuple[FieldOrder, ...] = get_args(FieldOrder)
PULLDOWNS: tuple[PulldownKind, ...] = get_args(PulldownKind)
Repeats = list[tuple[int, str]]
"""Of the pairs of a run that move, the number of the first frame, and which field is repeated: `t` the upper one,
`b` the lower one, `-` none, `?` not to be told."""


@dataclass(frozen=True)
class Cycle:
    """A cycle of five frames: which field is the earlier one, and the number modulo 5 of those that begin it."""

    kind: PulldownKind
    order: FieldOrder
    phase: int


CYCLES = tuple(Cycle(kind, order, phase) for kind in PULLDOWNS for order in ORDERS for phase in range(CYCLE))


@dataclass(frozen=True)
class Telecine:
    """The cycle of a telecined film, and whether it holds through all that was measured: an edit breaks it."""

    cycle: Cycle
    holds: bool


def measure_telecine(windows: Sequence[Sequence[FieldPair]]) -> Telecine | None:
    """The cycle of a telecined film; None where no run of pictures certainly has one."""
    runs = [_repeats(window) for window in windows]
    found = Counter(cycle for cycle in map(_cycle_of, runs) if cycle is not None)
    if not found:
        return None
    cycle = found.most_common(1)[0][0]
    return Telecine(cycle, not any(_contradicts(run, cycle) for run in runs))


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


def _due(index: int, cycle: Cycle) -> str:
    place = (index - cycle.phase) % CYCLE
    if place == REPEATS_EARLIER:
        return "t" if cycle.order == "tff" else "b"
    if place == REPEATS_LATER[cycle.kind]:
        return "b" if cycle.order == "tff" else "t"
    return "?" if place == UNKNOWN[cycle.kind] else "-"


def _contradicts(run: Repeats, cycle: Cycle) -> bool:
    return any("?" not in (seen, due := _due(index, cycle)) and seen != due for index, seen in run)


def _cycle_of(run: Repeats) -> Cycle | None:
    """The only cycle that a run has, if it shows both of its repeats."""
    if len(run) < LEAST_PAIRS or not {"t", "b"} <= {seen for _, seen in run}:
        return None
    fitting = [cycle for cycle in CYCLES if not _contradicts(run, cycle)]
    return fitting[0] if len(fitting) == 1 else None
