"""docs/architecture.svg is what the code imports, and shows every arrow once."""

from __future__ import annotations

import itertools
from xml.etree import ElementTree

from docs.import_map.drawing import draw_map
from docs.import_map.graph import ROOT, read_graph, read_modules
from docs.import_map.layers import Arrows, read_arrows
from docs.import_map.layout import BOX_WIDTH, lay_out, needed_arrows

SMALL: Arrows = {
    ("cli", "jobs"): 3,
    ("cli", "pipeline"): 1,
    ("pipeline", "jobs"): 2,
    ("cli", "errors"): 7,
    ("jobs", "errors"): 4,
    ("config", "footage"): 1,
    ("jobs", "config"): 5,
    ("errors", "jobs"): 1,
}


def test_the_map_is_up_to_date() -> None:
    modules = read_modules()
    drawn = draw_map(read_arrows(read_graph(modules)), modules)
    written = (ROOT / "docs" / "architecture.svg").read_text(encoding="utf-8")
    assert written == drawn, "draw it again: scripts/map"


def test_it_is_drawn_the_same_in_any_order() -> None:
    modules = read_modules()
    arrows = read_arrows(read_graph(modules))
    shuffled = dict(sorted(arrows.items(), key=lambda item: str(item)[::-1]))
    assert draw_map(shuffled, modules) == draw_map(arrows, modules)


def test_arrows_that_follow_from_others_are_left_out_of_the_drawing_alone() -> None:
    assert needed_arrows(SMALL) == [
        ("cli", "pipeline"), ("config", "footage"), ("jobs", "config"), ("jobs", "errors"), ("pipeline", "jobs"),
    ]  # fmt: skip
    words = list(ElementTree.fromstring(draw_map(SMALL, ["stylize.jobs.plan"])).itertext())
    assert words.count("7") == 1, "the table has it"
    assert words.count("5") == 2, "the drawing and the table have it"


def test_rooms_do_not_overlap_and_arrows_go_down() -> None:
    layout = lay_out(read_arrows(read_graph(read_modules())))
    for above, below in layout.paths:
        assert layout.row[above] < layout.row[below]
    for one, other in itertools.combinations(layout.row, 2):
        if layout.row[one] == layout.row[other]:
            assert abs(layout.x[(one,)] - layout.x[(other,)]) > BOX_WIDTH
