"""Footage in and out: the only place that touches PyAV and ffmpeg.

Names are loaded when first used, so that `import stylize.footage` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stylize.footage.clip import Audio, Clip, Colour, Frame, Pixels, Shot
    from stylize.footage.decoder import read_frames
    from stylize.footage.prober import probe

_HOMES = {
    "Audio": "clip",
    "Clip": "clip",
    "Colour": "clip",
    "Frame": "clip",
    "Pixels": "clip",
    "Shot": "clip",
    "probe": "prober",
    "read_frames": "decoder",
}

__all__ = ["Audio", "Clip", "Colour", "Frame", "Pixels", "Shot", "probe", "read_frames"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
