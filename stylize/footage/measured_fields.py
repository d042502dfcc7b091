"""What a film's pictures show of its fields: telecine, and interlacing that no flag tells of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stylize.footage.clip import Clip
from stylize.footage.field_order import LEAST_PAIRS, measure_field_order, order_of_pair
from stylize.footage.field_windows import FieldPair, read_windows
from stylize.footage.pulldown import TIME_BASE, Pulldown
from stylize.footage.telecine import measure_telecine, rests_in_one_field

SLOWEST_TELECINED = 29
"""Frames a second; 25 are never made by 3:2 pulldown."""
SILENT_RUNS = 3
"""After so many runs of moving pictures that say nothing of fields a film is progressive."""
LARGEST_SILENT_SHARE = 0.25
"""How many of a run's moving pairs may seem to be of fields in a progressive film; of telecine two in five are."""
BROKEN = (
    "The clip is telecined, but its cycle of five frames breaks, as after an edit: "
    "it is not brought back to the film's rate."
)


def with_measured_fields(clip: Clip) -> Clip:
    """The clip as it is read: at the film's rate where it was telecined, interlaced where that is certain, else
    unchanged."""
    may_be_telecined = clip.rate > SLOWEST_TELECINED
    if clip.interlaced and not may_be_telecined:
        return clip
    windows = _enough(read_windows(clip))
    telecine = measure_telecine(windows) if may_be_telecined else None
    if telecine and telecine.holds:
        cycle = telecine.cycle
        down = Pulldown(cycle.kind, cycle.order, cycle.phase, clip.rate, clip.time_base, clip.pts)
        return _as_film(clip, down)
    if telecine:
        order = None if clip.interlaced else telecine.cycle.order
        return replace(clip, interlaced=True, field_order=order, notes=(*clip.notes, BROKEN))
    if clip.interlaced:
        return clip
    found = measure_field_order(windows)
    return clip if found is None else replace(clip, interlaced=True, field_order=found)


def _enough(windows: Iterator[list[FieldPair]]) -> list[list[FieldPair]]:
    """All of a film's runs; only the first ones where three of them move and none speaks of fields."""
    read, silent, speaking = [], 0, 0
    for window in windows:
        read.append(window)
        moving = [pair for pair in window if pair.moves]
        spoken = sum(order_of_pair(pair) is not None or rests_in_one_field(pair) for pair in moving)
        speaking += spoken > LARGEST_SILENT_SHARE * len(moving)
        silent += len(moving) >= LEAST_PAIRS
        if silent == SILENT_RUNS and not speaking:
            break
    return read


def _as_film(clip: Clip, pulldown: Pulldown) -> Clip:
    return replace(
        clip,
        interlaced=False,
        pulldown=pulldown,
        rate=pulldown.film_rate,
        time_base=TIME_BASE,
        frame_count=pulldown.frame_count,
        pts=pulldown.film_pts,
    )
