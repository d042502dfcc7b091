"""The order of the rooms: which may import which. `tests/test_arrows.py` holds the code to it.

A room is a folder or a file at the top of `stylize/`, or one of the packages around it.
"""

from __future__ import annotations

from collections import Counter

from docs.import_map.graph import Graph

LAYERS: tuple[tuple[str, ...], ...] = (
    ("cli", "api"),
    ("training",),
    ("farm", "report"),
    ("pipeline",),
    ("jobs",),
    ("passes",),
    ("generators",),
    ("comp", "finish", "edge", "diffusion"),
    ("config", "footage", "system", "storage"),
    ("events", "errors"),
    ("compositing", "deflicker"),
)
"""From top to bottom: a room may import those of every layer below its own."""
WITHIN_A_LAYER = {
    ("edge", "diffusion"),  # an export is made from a checkpoint, and draws with its conditions and schedules
    ("config", "footage"),  # the names of cadences and formats
    ("config", "system"),  # reading documents within the limits
    ("footage", "system"),  # reading documents within the limits, how to install ffmpeg
    ("storage", "footage"),  # the pixels that a frame file holds
    ("storage", "system"),  # reading documents, how to install what an object store needs
    ("compositing", "deflicker"),  # the motion between frames
}
"""The arrows between rooms of one layer."""

Arrows = dict[tuple[str, str], int]
"""For (importing room, imported room), by how many pairs of modules."""


def room_of(module: str) -> str:
    """The room that a module belongs to; `stylize/__init__.py`, the list of public names, belongs to the API."""
    top, _, rest = module.partition(".")
    if top != "stylize":
        return top
    return rest.partition(".")[0] or "api"


def read_arrows(graph: Graph) -> Arrows:
    """The arrows between the rooms, in the order of the layers."""
    pairs = Counter((room_of(module), room_of(other)) for module, others in graph.items() for other in others)
    return {pair: count for pair, count in sorted(pairs.items()) if pair[0] != pair[1]}


def find_offences(arrows: Arrows) -> list[tuple[str, str]]:
    """The arrows that the order forbids, and those of rooms that it does not name."""
    level = {room: depth for depth, layer in enumerate(LAYERS) for room in layer}
    bottom = len(LAYERS)
    return [
        (above, below)
        for above, below in arrows
        if (above, below) not in WITHIN_A_LAYER and level.get(above, bottom) >= level.get(below, -1)
    ]
