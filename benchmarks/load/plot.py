"""Memory, open files and speed of a run over its time, as an SVG picture."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby
from statistics import fmean

from benchmarks.load.watch import Watched
from benchmarks.measure.memory import MIB

WIDTH, HEIGHT, LEFT, GAP = 900, 130, 70, 34
COLOURS = ("#2b6cb0", "#c05621", "#2f855a", "#6b46c1", "#b7791f", "#c53030", "#319795")
BIN_S = 10.0
Line = tuple[str, Sequence[tuple[float, float]]]


def plot(title: str, found: Watched) -> str:
    """Three panels over the same seconds; each begins at zero."""
    memory = [("memory", [(at, resident / MIB) for at, resident, _ in found.samples])]
    files = [("open files", [(at, float(count)) for at, _, count in found.samples])]
    speeds = [(name, _speed(moments)) for name, moments in found.done.items() if len(moments) > 1]
    end = max(found.seconds, 1.0)
    panels = [("memory, MiB", memory), ("open files", files), ("frames a second", speeds)]
    rows = "".join(
        _panel(name, lines, end, 40 + place * (HEIGHT + GAP)) for place, (name, lines) in enumerate(panels)
    )
    height = 40 + len(panels) * (HEIGHT + GAP) + 30
    names = "".join(
        f'<text x="{LEFT + 110 * place}" y="{height - 10}" fill="{COLOURS[place % len(COLOURS)]}">'
        f"{escape(name)}</text>"
        for place, (name, _) in enumerate(speeds)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + LEFT + 30} {height}" '
        f'font-family="sans-serif" font-size="13"><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="{LEFT}" y="22" font-size="16">{escape(title)}</text>{rows}{names}</svg>\n'
    )


def _speed(moments: Sequence[float]) -> list[tuple[float, float]]:
    """Frames a second in every ten seconds of a pass."""
    points, first = [], 0
    for place, at in enumerate(moments):
        if at - moments[first] >= BIN_S or place == len(moments) - 1:
            if place > first and at > moments[first]:
                points.append(((at + moments[first]) / 2, (place - first) / (at - moments[first])))
            first = place
    return points


def _panel(name: str, lines: Sequence[Line], end: float, top: int) -> str:
    most = max((value for _, points in lines for _, value in points), default=1.0) * 1.1 or 1.0
    parts = [
        f'<rect x="{LEFT}" y="{top}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#ccc"/>',
        f'<text x="{LEFT}" y="{top - 5}" fill="#444">{escape(name)}</text>',
    ]
    for share in (0.0, 0.5, 1.0):
        y = top + HEIGHT * (1 - share)
        parts.append(
            f'<text x="{LEFT - 6}" y="{y + 4:.0f}" text-anchor="end" fill="#666">{most * share:.4g}</text>'
        )
    parts.append(
        f'<text x="{LEFT + WIDTH}" y="{top + HEIGHT + 15}" text-anchor="end" fill="#666">{end:.0f} s</text>'
    )
    for place, (_, points) in enumerate(lines):
        spots = [(LEFT + WIDTH * at / end, top + HEIGHT * (1 - value / most)) for at, value in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in _thinned(spots))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[place % len(COLOURS)]}"/>')
    return "".join(parts)


def _thinned(spots: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """One spot for each px across, the mean of those in it: a long run has many more."""
    columns = (list(group) for _, group in groupby(spots, lambda spot: int(spot[0])))
    return [(fmean(x for x, _ in column), fmean(y for _, y in column)) for column in columns]
