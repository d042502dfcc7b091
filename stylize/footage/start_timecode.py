"""The timecode of a clip's first frame: read from the file, moved along, and spelt (SMPTE ST 12-1)."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from stylize.footage.clip import StartTimecode
from stylize.footage.container import opened

_SPELT = re.compile(r"(\d{2}):(\d{2}):(\d{2})([:;.,])(\d{2,3})", re.ASCII)
DROPPING = {Fraction(30000, 1001): 30, Fraction(60000, 1001): 60}
"""The rates at which numbers are dropped, with the frames that a second counts."""


def read_start_timecode(path: Path, video: Any, container: Any, rate: Fraction) -> StartTimecode | None:
    """The timecode of a film's first frame; None where it has none.

    A QuickTime timecode track (`tmcd`) holds the frame's number itself. That is read rather than the text that
    ffmpeg makes of it: cameras set the drop-frame flag at rates that drop nothing, and then no text is made at
    all. Other files (MXF, AVI, Matroska, MPEG-2) hold the text.

    Args:
        video: the film's picture stream.
        rate: the film's frames a second.
    """
    texts = [_text(video), _text(container)]
    track = next((each for each in container.streams.data if _may_be_timecode(each)), None)
    if track is not None:
        number = _track_number(path, track.index)
        if number is not None:
            return _from_number(number, _text(track), rate)
        texts.insert(0, _text(track))
    found = (parse_timecode(text, rate) for text in texts if text)
    return next((timecode for timecode in found if timecode is not None), None)


def _text(of: Any) -> str | None:
    return next((value for key, value in of.metadata.items() if key.lower() == "timecode"), None)


def _may_be_timecode(track: Any) -> bool:
    handler = track.metadata.get("handler_name", "").lower().replace(" ", "")
    return "timecode" in handler or "timecode" in track.metadata or track.frames == 1


def _track_number(path: Path, index: int) -> int | None:
    """The number in the first packet of a timecode track, a 32-bit big-endian integer."""
    with opened(path) as container:
        for packet in container.demux(container.streams[index]):
            data = bytes(packet)
            return int.from_bytes(data, "big") if len(data) == 4 else None
    return None


def _from_number(number: int, text: str | None, rate: Fraction) -> StartTimecode | None:
    fps = round(rate)
    spelt = _SPELT.fullmatch(text or "")
    drop = bool(spelt and spelt[4] in ";,") and rate in DROPPING
    if spelt and not drop:
        seconds, frames = _seconds(spelt), int(spelt[5])
        own = (number - frames) // seconds if seconds else fps
        if own and fps % own == 0 and own * seconds + frames == number:
            number *= fps // own  # cameras count every second frame of 50 or 60
    return StartTimecode(number, fps, drop) if fps else None


def parse_timecode(text: str, rate: Fraction) -> StartTimecode | None:
    """`01:00:00:00` at a rate; None where the text is none, or names a frame that the rate does not have."""
    spelt, fps = _SPELT.fullmatch(text.strip()), round(rate)
    if spelt is None or int(spelt[5]) >= fps:
        return None
    drop = spelt[4] in ";," and rate in DROPPING
    number = _seconds(spelt) * fps + int(spelt[5])
    if drop:
        minutes = int(spelt[1]) * 60 + int(spelt[2])
        number -= _dropped_a_minute(fps) * (minutes - minutes // 10)
    return StartTimecode(number, fps, drop)


def _seconds(spelt: re.Match[str]) -> int:
    return (int(spelt[1]) * 60 + int(spelt[2])) * 60 + int(spelt[3])


def moved(timecode: StartTimecode, frames: int) -> StartTimecode:
    """The timecode that many frames later."""
    return replace(timecode, frame=timecode.frame + frames)


def spell_timecode(timecode: StartTimecode) -> str:
    """`01:00:00:00`, or `01:00:00;00` where numbers are dropped; after 24 hours it begins at zero again."""
    fps, number = timecode.fps, timecode.frame
    if timecode.drop:
        skipped = _dropped_a_minute(fps)
        of_ten = 600 * fps - 9 * skipped
        tens, rest = divmod(number, of_ten)
        passed = max(0, (rest - skipped) // (60 * fps - skipped))
        number += skipped * (9 * tens + passed)
    seconds, frame = divmod(number, fps)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours % 24:02d}:{minute:02d}:{second:02d}{';' if timecode.drop else ':'}{frame:02d}"


def _dropped_a_minute(fps: int) -> int:
    return fps // 15
