"""The times of a film's frames, by its packets alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stylize.errors import FootageError
from stylize.footage.container import broken

ONE_FRAME_A_PACKET = frozenset(
    {"h264", "hevc", "vvc", "vp9", "av1", "libdav1d", "prores", "dnxhd", "mjpeg", "ffv1", "png", "rawvideo"}
)
"""Codecs whose every packet is one shown frame. MPEG-4 part 2 may pack several or none, VP8 hides some."""
LARGEST_STEP_S = 10
"""By how much the clock of a transport stream may step from a frame to the next: ffmpeg's own border."""
LARGEST_STEP_BACK_S = 1
WRAP_S = (1 << 33) / 90000
"""A transport stream's clock begins again after so long, and ffmpeg takes a jump back for that."""


@dataclass(frozen=True)
class PacketTimes:
    """What packets say of the frames' times.

    Attributes:
        pts: of every frame, ascending; None where only decoding can tell.
        last_ticks: how long the last one is shown; 0 where nothing says so.
    """

    pts: tuple[int, ...] | None
    last_ticks: int


def read_packet_times(container: Any, stream: Any, path: Path) -> PacketTimes:
    """Reads all packets of a file once.

    Raises:
        FootageError: the file is damaged or cut short, or its clock jumps.
        av.error.FFmpegError: it cannot be read to its end.
    """
    countable = stream.codec_context.name in ONE_FRAME_A_PACKET
    claim, length = stream.frames, container.duration
    first, times, seen = None, [], 0
    clock = _Clock(container, path)
    lasts: dict[int, int] = {}
    ends = [0.0]
    for packet in container.demux():
        if packet.size == 0:
            continue
        if packet.is_corrupt and packet.stream.type in ("video", "audio"):
            raise broken(path, f"The file is damaged or cut short, near {_clock(packet)}.")
        if packet.pts is not None:
            ends.append(float((packet.pts + (packet.duration or 0)) * packet.time_base))
        if packet.stream_index != stream.index:
            continue
        seen += 1
        clock.check(packet)
        if packet.pts is None:
            countable = False
            continue
        first = first if first is not None else packet
        if not packet.is_discard:
            times.append(packet.pts)
            lasts[packet.pts] = packet.duration or 0
    if claim > seen and not any(entry.is_discard for entry in stream.index_entries):
        _refuse_short(container, claim, seen, path)
    if length and container.format.name.startswith("matroska"):
        missing = length / 1e6 - (max(ends) - min(0.0, (container.start_time or 0) / 1e6))
        if missing > 1:
            raise broken(path, f"The file is cut short: its last {missing:.0f} seconds are missing.")
    times.sort()
    leads = first is not None and times and first.is_keyframe and first.pts <= times[0]
    unique = len(set(times)) == len(times)
    field_coded = str(getattr(stream.codec_context, "field_order", "")) not in ("", "0", "1")
    counted = tuple(times) if countable and leads and unique and not field_coded else None
    return PacketTimes(counted, _last_ticks(stream, times, lasts))


def _last_ticks(stream: Any, times: list[int], durations: dict[int, int]) -> int:
    """How long the last frame is shown: until the track ends, where it ends after that frame, else as its packet
    says."""
    if not times:
        return 0
    if stream.duration:
        left = int((stream.start_time or 0) + stream.duration - times[-1])
        if left > 0:
            return left
    return durations[times[-1]]


class _Clock:
    """Sees that the clock of a stream runs on: where it jumps, the times after it mean nothing."""

    def __init__(self, container: Any, path: Path) -> None:
        self._jumps_forward = container.format.name in ("mpegts", "mpeg")
        self._path, self._count = path, 0
        self._before: float | None = None
        self._first: float | None = None

    def check(self, packet: Any) -> None:
        """Raises FootageError: the packet's time is far from that of the packet before it."""
        if packet.dts is None:
            return
        now = float(packet.dts * packet.time_base)
        step = 0.0 if self._before is None else now - self._before
        if step > WRAP_S / 2:
            step -= WRAP_S
        if step < -LARGEST_STEP_BACK_S or (self._jumps_forward and step > LARGEST_STEP_S):
            assert self._before is not None
            assert self._first is not None
            raise FootageError(
                f"The clip's clock jumps {'back' if step < 0 else 'ahead'} by {abs(step):.1f} s "
                f"after {self._count} frames, {self._before - self._first:.2f} s into the clip.",
                where=self._path,
                hint="Give it one clock, without coding it again: ffmpeg -i IN -c copy OUT.mkv",
            )
        self._first = now if self._first is None else self._first
        self._before, self._count = now, self._count + 1


def _refuse_short(container: Any, claim: int, seen: int, path: Path) -> None:
    """AVI writes the number of frames up front, so a shorter file has lost its end."""
    if container.format.name == "avi":
        raise broken(path, f"The file is cut short: {claim - seen} of its {claim} frames are missing.")


def _clock(packet: Any) -> str:
    time = packet.pts if packet.pts is not None else packet.dts
    return f"{float(time * packet.time_base):.1f} s" if time is not None else "its end"
