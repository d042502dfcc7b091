"""Footage in and out: the only place that touches PyAV and ffmpeg.

Names are loaded when first used, so that `import stylize.footage` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stylize.footage.binary import ffmpeg_binary
    from stylize.footage.clip import Audio, Clip, Colour, Frame, Pixels, Shot
    from stylize.footage.decoder import pick_frames, read_frames
    from stylize.footage.encoder import write_film
    from stylize.footage.picture_scan import scan_pictures
    from stylize.footage.prober import probe
    from stylize.footage.reduced import pick_reduced
    from stylize.footage.seen import pick_seen
    from stylize.footage.sequence import source_files
    from stylize.footage.shotlist import read_shots, write_shots
    from stylize.footage.shots import find_shots
    from stylize.footage.target import check_film
    from stylize.footage.timecode import format_time, parse_rate, parse_time
    from stylize.footage.web_film import write_web_film

_HOMES = {
    "Audio": "clip",
    "Clip": "clip",
    "Colour": "clip",
    "Frame": "clip",
    "Pixels": "clip",
    "Shot": "clip",
    "check_film": "target",
    "ffmpeg_binary": "binary",
    "find_shots": "shots",
    "format_time": "timecode",
    "parse_rate": "timecode",
    "parse_time": "timecode",
    "pick_frames": "decoder",
    "pick_reduced": "reduced",
    "pick_seen": "seen",
    "probe": "prober",
    "read_frames": "decoder",
    "read_shots": "shotlist",
    "scan_pictures": "picture_scan",
    "source_files": "sequence",
    "write_film": "encoder",
    "write_shots": "shotlist",
    "write_web_film": "web_film",
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
    "find_shots",
    "format_time",
    "parse_rate",
    "parse_time",
    "pick_frames",
    "pick_reduced",
    "pick_seen",
    "probe",
    "read_frames",
    "read_shots",
    "scan_pictures",
    "source_files",
    "write_film",
    "write_shots",
    "write_web_film",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
