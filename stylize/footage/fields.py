"""Interlaced footage: frames of two fields, taken one after the other, become whole pictures of one moment.

Bwdif (ffmpeg's filter, after the BBC's w3fdif and yadif) makes one picture of every frame, at the moment of its
first field, so that rate and times stay. It looks at the frames before and after. Where frames bear flags, those
stay as they are that are called progressive, or are seen to be so (`whole_frames`); where none does, the fields
were measured (`field_order`), and every frame is deinterlaced.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, Literal

LOOKAROUND = 1
"""How many frames before and after its own the filter reads."""
SMALLEST_PX = 4

FieldOrder = Literal["tff", "bff"]
"""Which field is the earlier one: the upper (`tff`) or the lower (`bff`)."""


def deinterlaced(
    pictures: Iterator[tuple[int, Any]], order: FieldOrder | None = None
) -> Iterator[tuple[int, Any]]:
    """The pictures without combs; their numbers and times stay.

    Args:
        pictures: `av.VideoFrame`s of one size, one after the other, with their numbers.
        order: of every picture's fields, whatever its flag; None does as the flags say.
    """
    waiting: deque[tuple[int, int]] = deque()
    graph = None
    for index, picture in pictures:
        graph = graph or _graph(picture, order)
        waiting.append((index, picture.pts))
        graph.push(picture)
        yield from _finished(graph, waiting)
    if graph is not None:
        graph.push(None)
        yield from _finished(graph, waiting)


def _finished(graph: Any, waiting: deque[tuple[int, int]]) -> Iterator[tuple[int, Any]]:
    import av

    while waiting:
        try:
            picture = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        index, picture.pts = waiting.popleft()
        yield index, picture


def _graph(picture: Any, order: FieldOrder | None) -> Any:
    import av.filter

    graph = av.filter.Graph()
    graph.threads = 1
    source = graph.add_buffer(
        width=picture.width,
        height=picture.height,
        format=picture.format,
        time_base=picture.time_base,
    )
    how = "parity=auto:deint=interlaced" if order is None else f"parity={order}:deint=all"
    bwdif = graph.add("bwdif", f"mode=send_frame:{how}")
    sink = graph.add("buffersink")
    source.link_to(bwdif)
    bwdif.link_to(sink)
    graph.configure()
    return graph


def is_interlaced(pictures: Sequence[Any]) -> bool:
    """Whether any of a clip's first pictures is flagged as two fields."""
    return any(
        picture.interlaced_frame and min(picture.width, picture.height) >= SMALLEST_PX for picture in pictures
    )
