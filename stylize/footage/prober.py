"""What a clip is: sizes, rates and every frame's time, without decoding it where that can be trusted."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from stylize.errors import FootageError, UsageError
from stylize.footage.clip import Audio, Clip, Colour
from stylize.footage.colour import tags
from stylize.footage.container import broken, film_stream, opened
from stylize.footage.picture import depth_of, orientation_of
from stylize.footage.read_still import decode_still, size_of
from stylize.footage.sequence import Pattern, complete_numbers

ONE_FRAME_A_PACKET = frozenset(
    {"h264", "hevc", "vvc", "vp9", "av1", "libdav1d", "prores", "dnxhd", "mjpeg", "ffv1", "png", "rawvideo"}
)
"""Codecs whose every packet is one shown frame. MPEG-4 part 2 may pack several or none, VP8 hides some."""


def probe(path: Path | str, rate: Fraction | int = Fraction(24)) -> Clip:
    """The facts about a film file, or about an image sequence given by its pattern.

    A file's packets are read through once, so a clip that is cut short or has holes is refused here and
    not after an hour of drawing. Frames are counted, and their times noted, by the packets where one
    packet is one frame; else by decoding the whole clip.

    Args:
        path: a film file, or `NAME.%06d.png` or `NAME.######.png`.
        rate: frames a second, for an image sequence; a film file knows its own.

    Raises:
        UsageError: there is no such file, or no such sequence.
        FootageError: the clip is broken, cut short, of changing size, or holds no moving pictures.
    """
    path = Path(path)
    pattern = None if path.exists() else Pattern.parse(path)
    return _probe_sequence(pattern, Fraction(rate)) if pattern else _probe_film(path)


def _probe_film(path: Path) -> Clip:
    import av

    with opened(path) as container:
        stream = film_stream(container, path)
        _check_index(stream, path)
        try:
            times = _packet_times(container, stream, path)
        except av.error.FFmpegError as error:
            raise broken(path, f"The file cannot be read to its end ({error.strerror}).") from error
        audio = tuple(
            Audio(
                sound.index,
                sound.codec_context.name,
                sound.sample_rate,
                sound.channels,
                (sound.start_time or 0) * Fraction(sound.time_base),
            )
            for sound in container.streams.audio
        )
    clip = _describe(path, audio)
    if times is None:
        times = _decoded_times(path)
    if not times:
        raise FootageError("The film holds no frames.", where=path, hint="Export the clip again.")
    return replace(clip, frame_count=len(times), pts=times, rate=_rate(clip, times))


def _check_index(stream: Any, path: Path) -> None:
    """Refuses a file whose index points past its end: the rest of it is missing."""
    size = path.stat().st_size
    end = max((entry.pos + entry.size for entry in stream.index_entries), default=0)
    if end > size:
        lost = sum(entry.pos + entry.size > size for entry in stream.index_entries)
        raise broken(
            path, f"The file is cut short: {lost} of its {len(stream.index_entries)} frames are missing."
        )


def _packet_times(container: Any, stream: Any, path: Path) -> tuple[int, ...] | None:
    """Every frame's pts by the packets alone, or None where only decoding can tell."""
    countable = stream.codec_context.name in ONE_FRAME_A_PACKET
    claim, length = stream.frames, container.duration
    first, times, seen = None, [], 0
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
        if packet.pts is None:
            countable = False
            continue
        first = first if first is not None else packet
        if not packet.is_discard:
            times.append(packet.pts)
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
    return tuple(times) if countable and leads and unique and not field_coded else None


def _refuse_short(container: Any, claim: int, seen: int, path: Path) -> None:
    """AVI writes the number of frames up front, so a shorter file has lost its end."""
    if container.format.name == "avi":
        raise broken(path, f"The file is cut short: {claim - seen} of its {claim} frames are missing.")


def _clock(packet: Any) -> str:
    time = packet.pts if packet.pts is not None else packet.dts
    return f"{float(time * packet.time_base):.1f} s" if time is not None else "its end"


def _describe(path: Path, audio: tuple[Audio, ...]) -> Clip:
    """Everything but the frames' times, from the stream and its first picture."""
    with opened(path) as container:
        stream = film_stream(container, path)
        picture = _first_picture(container, stream, path)
        context = stream.codec_context
        rotation, mirrored = orientation_of(picture)
        width, height = picture.width, picture.height
        aspect = Fraction(stream.sample_aspect_ratio or 1) or Fraction(1)
        if rotation in (90, 270):
            width, height, aspect = height, width, 1 / aspect
        return Clip(
            path=path,
            width=width,
            height=height,
            rate=Fraction(stream.guessed_rate or stream.average_rate or 24),
            time_base=Fraction(stream.time_base),
            frame_count=0,
            rotation=rotation,
            pixel_aspect=aspect,
            bit_depth=depth_of(picture),
            colour=tags(
                int(picture.color_primaries),
                int(picture.color_trc),
                int(picture.colorspace),
                int(picture.color_range),
            ),
            audio=audio,
            mirrored=mirrored,
            stream=stream.index,
            codec=context.name,
        )


def _first_picture(container: Any, stream: Any, path: Path) -> Any:
    import av

    try:
        for picture in container.decode(stream):
            return picture
    except av.error.FFmpegError as error:
        raise broken(path, f"The first frame cannot be decoded ({error.strerror}).") from error
    raise FootageError("The film holds no frames.", where=path, hint="Export the clip again.")


def _decoded_times(path: Path) -> tuple[int, ...]:
    from stylize.footage.decoder import decoded

    times = []
    with opened(path) as container:
        for picture in decoded(container, film_stream(container, path), path):
            times.append(picture.pts)
    if any(time is None for time in times):  # raw elementary streams: no times at all
        return ()
    return tuple(times)


def _rate(clip: Clip, times: tuple[int, ...]) -> Fraction:
    """Frames a second: exact where all steps are one, else ffmpeg's guess if it fits, else the mean."""
    if len(times) < 2:
        return clip.rate
    steps = {after - before for before, after in pairwise(times)}
    if len(steps) == 1:
        return 1 / (steps.pop() * clip.time_base)
    guess = replace(clip, frame_count=len(times), pts=times)
    if guess.has_constant_rate:
        return clip.rate
    return Fraction(len(times) - 1) / ((times[-1] - times[0]) * clip.time_base)


def _probe_sequence(pattern: Pattern, rate: Fraction) -> Clip:
    if rate <= 0:
        raise UsageError(
            f"A rate of {rate} frames a second cannot be.",
            where=pattern.path,
            hint="Give --rate, such as 24 or 30000/1001.",
        )
    numbers = complete_numbers(pattern)
    first = pattern.file(numbers[0])
    clip = _describe_exr(first) if first.suffix.lower() == ".exr" else _describe_still(first)
    stored = (clip.height, clip.width) if clip.rotation in (90, 270) else (clip.width, clip.height)
    for number in numbers[1:]:
        size = size_of(pattern.file(number))
        if size != stored:
            raise FootageError(
                f"The frame is {size[0]}x{size[1]}, the first one {stored[0]}x{stored[1]}.",
                where=pattern.file(number),
                hint="Every frame of a sequence must have one size.",
            )
    return replace(
        clip,
        path=pattern.path,
        rate=rate,
        time_base=1 / rate,
        frame_count=len(numbers),
        first_number=numbers[0],
    )


def _describe_still(path: Path) -> Clip:
    picture = decode_still(path)
    rotation, mirrored = orientation_of(picture)
    width, height = picture.width, picture.height
    if rotation in (90, 270):
        width, height = height, width
    colour = tags(
        int(picture.color_primaries),
        int(picture.color_trc),
        int(picture.colorspace),
        int(picture.color_range),
    )
    codec = {".jpg": "mjpeg", ".jpeg": "mjpeg"}.get(path.suffix.lower(), path.suffix.lower().lstrip("."))
    return Clip(
        path, width, height, Fraction(24), Fraction(1, 24), 1, rotation=rotation, mirrored=mirrored,
        bit_depth=depth_of(picture), colour=colour, codec=codec,
    )  # fmt: skip


def _describe_exr(path: Path) -> Clip:
    width, height = size_of(path)
    return Clip(
        path,
        width,
        height,
        Fraction(24),
        Fraction(1, 24),
        1,
        bit_depth=16,
        codec="exr",
        colour=Colour("bt709", "iec61966-2-1"),
    )
