"""Footage in and out: the only place that touches PyAV and ffmpeg.

Names are loaded when first used, so that `import stylize.footage` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stylize.footage.binary import ffmpeg_binary
    from stylize.footage.clip import Audio, Clip, Colour, Frame, Pixels, Shot
    from stylize.footage.decoder import read_frames
    from stylize.footage.encoder import write_film
    from stylize.footage.prober import probe
    from stylize.footage.target import check_film

_HOMES = {
    "Audio": "clip",
    "Clip": "clip",
    "Colour": "clip",
    "Frame": "clip",
    "Pixels": "clip",
    "Shot": "clip",
    "check_film": "target",
    "ffmpeg_binary": "binary",
    "probe": "prober",
    "read_frames": "decoder",
    "write_film": "encoder",
}

__all__ = [
    "Audio",
    "Clip",
    "Colour",
    "Frame",
    "Pixels",
    "Shot",
    "check_film",
    "ffmpeg_binary",
    "probe",
    "read_frames",
    "write_film",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
