"""Where the rooms stand on the map: rows by their order, columns by what they are connected to.

After Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures" (1981): an
arrow that passes rows takes a place of its own in each of them, every row is sorted by the mean place of its
neighbours, and then pulled towards them. It depends on which arrows there are, not on their counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from docs.import_map.layers import LAYERS, WITHIN_A_LAYER, Arrows, find_offences

BOX_WIDTH, BOX_GAP, WIRE_GAP = 104, 26, 26
"""Of a room; between rooms; between a room or an arrow and an arrow that passes. All in px."""
SWEEPS = 24

Spot = tuple[str, ...]
"""Something that has a place in a row: a room, (name,), or the arrow that passes it, (above, below, row)."""


@dataclass(frozen=True)
class Layout:
    """Centres in px, from 0: `x` of every spot, `row` of every room; `paths` are the spots of each arrow drawn."""

    x: dict[Spot, float]
    row: dict[str, int]
    layer_rows: tuple[tuple[int, int], ...]
    paths: dict[tuple[str, str], list[Spot]]
    width: float


def lay_out(arrows: Arrows) -> Layout:
    """Places the rooms, and the arrows that follow from no others."""
    row, layer_rows = _rows(arrows)
    paths = {pair: _path(pair, row) for pair in needed_arrows(arrows)}
    rows: list[list[Spot]] = [[] for _ in range(max(row.values()) + 1)]
    for layer in LAYERS:
        for room in layer:
            if room in row:
                rows[row[room]].append((room,))
    for pair in sorted(paths):
        for spot in paths[pair][1:-1]:
            rows[int(spot[2])].append(spot)
    neighbours: dict[Spot, list[Spot]] = {spot: [] for each in rows for spot in each}
    for path in paths.values():
        for upper, lower in pairwise(path):
            neighbours[upper].append(lower)
            neighbours[lower].append(upper)
    x: dict[Spot, float] = {}
    for each in rows:
        x.update(_spread(each, [0.0] * len(each)))
    for sweep in range(SWEEPS):
        for each in rows if sweep % 2 == 0 else rows[::-1]:
            wanted = {spot: _mean([x[other] for other in neighbours[spot]], x[spot]) for spot in each}
            if sweep < SWEEPS // 2:
                each.sort(key=lambda spot: (wanted[spot], spot))
            x.update(_spread(each, [wanted[spot] for spot in each]))
    left = min(x[spot] - _half(spot) for spot in x)
    right = max(x[spot] + _half(spot) for spot in x)
    return Layout({spot: value - left for spot, value in x.items()}, row, layer_rows, paths, right - left)


def needed_arrows(arrows: Arrows) -> list[tuple[str, str]]:
    """The allowed arrows without those that a longer way says too (the transitive reduction)."""
    allowed = set(arrows) - set(find_offences(arrows))
    below: dict[str, set[str]] = {}

    def reached(room: str) -> set[str]:
        if room not in below:
            ends = {lower for upper, lower in allowed if upper == room}
            below[room] = ends.union(*map(reached, sorted(ends)))
        return below[room]

    return sorted(
        (upper, lower)
        for upper, lower in allowed
        if not any(upper == above and lower in reached(end) for above, end in allowed)
    )


def rooms_of(arrows: Arrows) -> list[str]:
    """The rooms that have arrows, in the order of the layers."""
    present = {room for pair in arrows for room in pair}
    return [room for layer in LAYERS for room in layer if room in present]


def _rows(arrows: Arrows) -> tuple[dict[str, int], tuple[tuple[int, int], ...]]:
    """The row of every room, and the first and last row of every layer: an arrow inside a layer goes down too."""
    present = set(rooms_of(arrows))
    row: dict[str, int] = {}
    spans: list[tuple[int, int]] = []
    top = 0
    for layer in LAYERS:
        depth = dict.fromkeys((room for room in layer if room in present), 0)
        for _ in layer:
            for upper, lower in sorted(WITHIN_A_LAYER & set(arrows)):
                if upper in depth and lower in depth:
                    depth[lower] = max(depth[lower], depth[upper] + 1)
        if depth:
            row.update({room: top + down for room, down in depth.items()})
            spans.append((top, top + max(depth.values())))
            top = spans[-1][1] + 1
    return row, tuple(spans)


def _path(pair: tuple[str, str], row: dict[str, int]) -> list[Spot]:
    above, below = pair
    return [(above,), *((above, below, str(at)) for at in range(row[above] + 1, row[below])), (below,)]


def _half(spot: Spot) -> float:
    return BOX_WIDTH / 2 if len(spot) == 1 else 0


def _gap(left: Spot, right: Spot) -> float:
    return _half(left) + _half(right) + (BOX_GAP if len(left) == len(right) == 1 else WIRE_GAP)


def _spread(spots: list[Spot], wanted: list[float]) -> dict[Spot, float]:
    """Places spots in their order as near to where they are wanted as the gaps allow (least squares).

    Neighbours that would overlap are joined to a block, which stands at the mean of its members' wanted places.
    """
    offsets = [0.0]
    for left, right in pairwise(spots):
        offsets.append(offsets[-1] + _gap(left, right))
    blocks: list[list[float]] = []  # each the wanted places of its members, less their offsets
    for place, offset in zip(wanted, offsets, strict=False):
        blocks.append([place - offset])
        while len(blocks) > 1 and _mean(blocks[-2]) > _mean(blocks[-1]):
            last = blocks.pop()
            blocks[-1] += last
    starts = [_mean(block) for block in blocks for _ in block]
    return {spot: start + offset for spot, start, offset in zip(spots, starts, offsets, strict=False)}


def _mean(values: list[float], default: float = 0.0) -> float:
    return sum(values) / len(values) if values else default
