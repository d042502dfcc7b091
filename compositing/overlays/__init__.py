"""Layers that anime lays over a picture. Each is small, knows nothing of the others, and may be stacked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from compositing.errors import InvalidSetting
from compositing.overlays.base import Overlay, OverlayContext, Span
from compositing.overlays.glow import Glow
from compositing.overlays.rays import LightRays
from compositing.overlays.speed import SpeedLines

BOUNDS = {
    ("speed-lines", "count"): (1, 5000),
    ("speed-lines", "seed"): (0, 2**63 - 1),
    ("glow", "width_px"): (0, 2000),
}
"""Least and most of settings that others cannot be drawn with, or only with very much memory."""
KINDS: dict[str, type[Any]] = {"glow": Glow, "rays": LightRays, "speed-lines": SpeedLines}

__all__ = ["KINDS", "Glow", "LightRays", "Overlay", "OverlayContext", "Span", "SpeedLines", "read_overlay"]


def read_overlay(table: Mapping[str, Any]) -> Overlay:
    """An overlay from a TOML table: kind = "glow", amount = 0.4, start = 0, end = 48, fade = 6.

    Raises:
        InvalidSetting: an unknown kind or key, or a value of the wrong kind.
    """
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise InvalidSetting(f"An overlay is one of {', '.join(KINDS)}, not {kind!r}.")
    timing = {name: table[name] for name in ("start", "end", "fade") if name in table}
    if any(not isinstance(value, int) or value < 0 for value in timing.values()):
        raise InvalidSetting(f"Start, end and fade of {kind} are numbers of frames from 0.")
    known = {field.name: field for field in fields(KINDS[kind]) if field.name != "span"}
    given: dict[str, Any] = {}
    for name, value in table.items():
        if name in ("kind", *timing):
            continue
        if name not in known:
            raise InvalidSetting(
                f"An overlay of the kind {kind} has no {name!r}.",
                hint=f"it has {', '.join(known)}, start, end and fade",
            )
        given[name] = _fitting(value, known[name].default, f"The {name} of {kind}")
        bounds = BOUNDS.get((kind, name))
        if bounds is not None and not bounds[0] <= given[name] <= bounds[1]:
            least, most = bounds
            raise InvalidSetting(f"The {name} of {kind} must lie between {least} and {most}, not at {value}.")
    overlay: Overlay = KINDS[kind](**given, span=Span(**timing))
    return overlay


def _fitting(value: Any, default: Any, name: str) -> Any:
    """The value in its default's type."""
    assert default is not MISSING
    if isinstance(default, tuple):
        numbers = isinstance(value, list | tuple) and all(map(_is_number, value))
        lengths = (2, 3) if name.startswith("The at ") else (len(default),)
        if not numbers or len(value) not in lengths:
            raise InvalidSetting(f"{name} must be {' or '.join(map(str, lengths))} numbers, not {value!r}.")
        return tuple(float(each) for each in value)
    if isinstance(default, bool) != isinstance(value, bool) or not _is_number(value):
        raise InvalidSetting(
            f"{name} must be {'true or false' if isinstance(default, bool) else 'a number'}, not {value!r}."
        )
    if isinstance(default, int) and not isinstance(default, bool):
        if not isinstance(value, int):
            raise InvalidSetting(f"{name} must be a whole number, not {value!r}.")
        return value
    return value if isinstance(default, bool) else float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) < float("inf")
