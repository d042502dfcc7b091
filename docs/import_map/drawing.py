"""The map as SVG: the rooms from top to bottom, and a table of every arrow with its count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from html import escape
from itertools import pairwise

from docs.import_map.layers import LAYERS, Arrows, find_offences, room_of
from docs.import_map.layout import BOX_WIDTH, Layout, Spot, lay_out, rooms_of

MARGIN, ROW, BOX_HEIGHT, TITLE = 28, 76, 40, 46
CELL, LABELS, TILT = 27, 96, 30
"""Of the table: the side of a cell, the space for names beside and above it, and for the last of these, px."""
INK, QUIET, LINE, BLUE, AMBER, RED = "#1d2733", "#5a6675", "#6b7c90", "#3c6fa8", "#b98324", "#d84a3a"
TEXT = {
    "title": f'font-size="17" font-weight="600" fill="{INK}"',
    "small": f'font-size="10.5" fill="{QUIET}"',
    "under": f'font-size="10.5" fill="{QUIET}" text-anchor="middle"',
    "name": f'font-size="12" font-weight="600" fill="{INK}" text-anchor="middle"',
    "count": f'font-size="10.5" fill="{INK}" text-anchor="middle"',
    "row": f'font-size="12" fill="{INK}" text-anchor="end"',
}
"""The kinds of text on the map. Attributes, not a style sheet: some programs that show SVG read none."""


SKELETON = "Arrows that follow from others are left out here; the table below has all."
COUNTS = "How many imports of modules go from the row's room to the column's; red: against the order."


def draw_map(arrows: Arrows, modules: Iterable[str]) -> str:
    """The map of the imports.

    Args:
        arrows: between the rooms, with their counts.
        modules: every module's dotted name.
    """
    layout = lay_out(arrows)
    sizes = Counter(map(room_of, modules))
    rooms = rooms_of(arrows)
    table_width = LABELS + CELL * len(rooms)
    width = round(max(layout.width, table_width) + 2 * MARGIN) + TILT
    rows = max(layout.row.values()) + 1
    table_top = TITLE + rows * ROW + 56
    height = table_top + LABELS + CELL * len(rooms) + MARGIN
    size = f'width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {width} {height}">',
        "<title>Which part of the program imports which</title>",
        f'<rect {size} fill="#ffffff"/>',
        '<g font-family="DejaVu Sans, Segoe UI, Helvetica, Arial, sans-serif">',
        _text(MARGIN, 26, "Imports go down", "title"),
        _text(
            MARGIN + 146,
            26,
            SKELETON,
            "small",
        ),
        *_draw_rooms(layout, arrows, sizes, width),
        _text(MARGIN, table_top - 14, "Every arrow", "title"),
        _text(
            MARGIN + 112,
            table_top - 14,
            COUNTS,
            "small",
        ),
        *_draw_table(arrows, rooms, MARGIN, table_top),
        "</g>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _draw_rooms(layout: Layout, arrows: Arrows, sizes: Counter[str], width: int) -> Iterable[str]:
    shift = (width - layout.width) / 2

    def at(spot: Spot, row: int) -> tuple[float, float]:
        return layout.x[spot] + shift, TITLE + (row + 0.5) * ROW

    for top, bottom in layout.layer_rows:
        upper = TITLE + top * ROW + 5
        size = f'width="{width - 16}" height="{(bottom - top + 1) * ROW - 10}"'
        yield f'<rect x="8" y="{upper}" {size} rx="8" fill="#f1f4f8"/>'
    places = {room: at((room,), row) for room, row in layout.row.items()}
    leaving, arriving = _ports(layout, places)
    labels: list[str] = []
    for pair, path in sorted(layout.paths.items()):
        first = layout.row[pair[0]]
        points = [at(spot, first + step) for step, spot in enumerate(path)]
        points[0] = (leaving[pair], points[0][1] + BOX_HEIGHT / 2)
        points[-1] = (arriving[pair], points[-1][1] - BOX_HEIGHT / 2)
        yield f'<path d="{_curve(points)}" fill="none" stroke="{LINE}" stroke-width="1.3"/>'
        yield _head(*points[-1])
        (x0, y0), (x1, y1) = points[:2]
        labels += _label(x0 + (x1 - x0) * 0.22, y0 + (y1 - y0) * 0.34, str(arrows[pair]))
    for room, (x, y) in places.items():
        fill, line = ("#ffffff", BLUE) if room in _rooms_of_stylize() else ("#fff7e8", AMBER)
        corner = f'x="{x - BOX_WIDTH / 2:.1f}" y="{y - BOX_HEIGHT / 2:.1f}"'
        yield f'<rect {corner} width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="6" fill="{fill}" stroke="{line}"/>'
        yield _text(x, y - 2, room, "name")
        yield _text(x, y + 13, f"{sizes[room]} modules" if sizes[room] > 1 else "1 module", "under")
    yield from labels


def _ports(
    layout: Layout, places: dict[str, tuple[float, float]]
) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], float]]:
    """Where each arrow leaves its upper room and enters its lower one: spread over the side, left to right."""
    leaving: dict[tuple[str, str], float] = {}
    arriving: dict[tuple[str, str], float] = {}
    for room, (x, _) in places.items():
        for ends, step, mine in ((leaving, 1, 0), (arriving, -2, 1)):
            pairs = [pair for pair in layout.paths if pair[mine] == room]
            pairs.sort(key=lambda pair: (layout.x[layout.paths[pair][step]], pair))
            for index, pair in enumerate(pairs):
                ends[pair] = x + (index - (len(pairs) - 1) / 2) * min(20.0, (BOX_WIDTH - 16) / len(pairs))
    return leaving, arriving


def _curve(points: list[tuple[float, float]]) -> str:
    """A smooth line that leaves and passes every row straight down."""
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x0, y0), (x1, y1) in pairwise(points):
        bend = (y1 - y0) * 0.5
        path += f" C{x0:.1f} {y0 + bend:.1f} {x1:.1f} {y1 - bend:.1f} {x1:.1f} {y1:.1f}"
    return path


def _draw_table(arrows: Arrows, rooms: list[str], left: float, top: float) -> Iterable[str]:
    x0, y0 = left + LABELS, top + LABELS
    wrong = set(find_offences(arrows))
    most = max(arrows.values())
    for row, above in enumerate(rooms):
        yield _text(x0 - 8, y0 + row * CELL + 18, above, "row")
        x = x0 + row * CELL + 17
        turned = f'transform="translate({x} {y0 - 8}) rotate(-55)" font-size="12" fill="{INK}"'
        yield f"<text {turned}>{escape(above)}</text>"
        for column, below in enumerate(rooms):
            cell = f'x="{x0 + column * CELL}" y="{y0 + row * CELL}" width="{CELL}" height="{CELL}"'
            count = arrows.get((above, below))
            ground = "#d9dfe7" if row == column else "#f7f9fb"
            yield f'<rect {cell} fill="{ground}" stroke="#e1e6ec"/>'
            if count is None:
                continue
            opacity = 0.12 + 0.5 * (count / most) ** 0.5
            colour = RED if (above, below) in wrong else BLUE
            yield f'<rect {cell} fill="{colour}" fill-opacity="{opacity:.2f}"/>'
            yield _text(x0 + (column + 0.5) * CELL, y0 + row * CELL + 18, str(count), "count")


def _rooms_of_stylize() -> set[str]:
    return {room for layer in LAYERS for room in layer} - {"training", "compositing", "deflicker"}


def _head(x: float, y: float) -> str:
    return f'<path d="M{x - 4:.1f} {y - 8:.1f} L{x:.1f} {y:.1f} L{x + 4:.1f} {y - 8:.1f} z" fill="{LINE}"/>'


def _label(x: float, y: float, words: str) -> list[str]:
    """A count on an arrow, on a ground of its own so that the line does not cross it."""
    width = 7 * len(words) + 4
    ground = (
        f'<rect x="{x - width / 2:.1f}" y="{y - 7:.1f}" width="{width}" height="14" rx="3" fill="#f1f4f8"/>'
    )
    return [ground, _text(x, y + 4, words, "count")]


def _text(x: float, y: float, words: str, kind: str) -> str:
    return f'<text {TEXT[kind]} x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'
