"""What a clip is: sizes, rates and every frame's time, without decoding it where that can be trusted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from stylize.errors import FootageError
from stylize.footage.alpha import has_alpha_channel, stored_alpha
from stylize.footage.clip import Clip, StartTimecode
from stylize.footage.colour import TRANSFERS, tags
from stylize.footage.container import broken, film_stream, opened
from stylize.footage.crop import read_crop
from stylize.footage.fields import is_interlaced
from stylize.footage.log_look import LOG_NOTE, looks_like_log
from stylize.footage.measured_fields import with_measured_fields
from stylize.footage.packets import read_packet_times
from stylize.footage.picture import depth_of, orientation_of
from stylize.footage.probe_stills import alpha_note, is_still, probe_sequence, probe_still
from stylize.footage.sequence import Pattern
from stylize.footage.sound import read_sound
from stylize.footage.start_timecode import read_start_timecode
from stylize.footage.untimed import rate_without_times, times_by_order
from stylize.system.limits import limits

DOLBY_TAGS = ("dvh1", "dvhe", "dva1", "dvav")
"""What a sample is called whose picture only a Dolby Vision decoder can show."""


LARGEST_RATE = 100_000
"""Frames a second. High-speed cameras' clips are far slower, as they are played back."""
LARGEST_INTEGER = (1 << 31) - 1
"""What ffmpeg keeps of a fraction's parts."""


FIRST_PICTURES = 8
"""How many pictures are looked at to say what a film is."""
ALWAYS_WITH_ALPHA = ("pal8", "bgra")
"""Formats that palettes and GIF are decoded to, transparent or not."""


def probe(path: Path | str, rate: Fraction | int = Fraction(24), *, measures_fields: bool = True) -> Clip:
    """The facts about a film file, or about an image sequence given by its pattern.

    A file's packets are read through once, so a clip that is cut short or has holes is refused here and
    not after an hour of drawing. Frames are counted, and their times noted, by the packets where one
    packet is one frame; else by decoding the whole clip.

    Args:
        path: a film file, a photograph, or `NAME.%06d.png` or `NAME.######.png`.
        rate: frames a second, for an image sequence; a film file knows its own.
        measures_fields: look for interlacing and telecine that nothing marks; not needed of films made here.

    Raises:
        UsageError: there is no such file, or no such sequence.
        FootageError: the clip is broken, cut short, of changing size, or holds no moving pictures.
    """
    path = Path(path)
    pattern = None if path.exists() else Pattern.parse(path)
    if is_still(path):
        return probe_still(path)
    return probe_sequence(pattern, Fraction(rate)) if pattern else _probe_film(path, measures_fields)


def _probe_film(path: Path, measures_fields: bool) -> Clip:
    import av

    with opened(path) as container:
        stream = film_stream(container, path)
        _check_index(stream, path)
        try:
            packets = read_packet_times(container, stream, path)
        except av.error.FFmpegError as error:
            raise broken(path, f"The file cannot be read to its end ({error.strerror}).") from error
        audio, notes = read_sound(container)
    clip = _describe(path)
    if packets.pts is None or _all_at_once(packets.pts):
        clip = _with_decoded_times(clip)
    else:
        clip = replace(clip, pts=packets.pts)
    if not clip.pts:
        raise FootageError("The film holds no frames.", where=path, hint="Export the clip again.")
    if len(clip.pts) > limits().frames:
        raise broken(path, f"The clip has {len(clip.pts)} frames; {limits().frames} are the most.")
    clip = replace(clip, frame_count=len(clip.pts), rate=_rate(clip, clip.pts))
    _check_rate(clip)
    clip = with_measured_fields(clip) if measures_fields else clip
    clip = replace(clip, audio=audio, notes=(*notes, *_notes(clip)))
    last = 0 if clip.pulldown else _last_ticks(clip, packets.last_ticks)
    return replace(clip, last_ticks=last, timecode=_timecode(clip))


def _check_rate(clip: Clip) -> None:
    """Refuses a rate that no clip has: a container's broken clock says so."""
    if not 0 < clip.rate <= LARGEST_RATE or max(clip.time_base.as_integer_ratio()) > LARGEST_INTEGER:
        raise broken(clip.path, f"The file is damaged: it says {float(clip.rate):.6g} frames a second.")


def _notes(clip: Clip) -> Iterator[str]:
    yield from clip.notes
    if clip.untimed:
        yield (
            "The file does not say when its frames are shown, or not of all: "
            f"they are taken for {float(clip.rate):.5g} a second."
        )
    if clip.pulldown:
        before, after = float(clip.stored.rate), float(clip.rate)
        yield f"The clip is telecined ({before:.5g} frames a second): it is drawn as film, at {after:.5g}."
    if clip.field_order:
        yield "The clip is interlaced, though it is not marked so: it is deinterlaced before it is drawn."
    elif clip.interlaced:
        yield (
            "The clip is marked as interlaced: it is deinterlaced before it is drawn, at its own rate, "
            "but for frames that are whole."
        )
    if clip.crop:
        yield "The container hides a part of the pictures' edges, as players do: it is left out."
    yield from alpha_note(clip)
    if clip.colour.is_hdr:
        name = {"arib-std-b67": "HLG", "smpte2084": "PQ"}[clip.colour.transfer or ""]
        yield f"The clip is HDR ({name}): it is tone-mapped to BT.709 before it is drawn."


def _last_ticks(clip: Clip, said: int) -> int:
    """How long the last frame is shown, where that is not as long as all others."""
    usual = 1 / (clip.rate * clip.time_base)
    return said if abs(said - usual) > 1 and (said > usual or not clip.has_constant_rate) else 0


def _timecode(clip: Clip) -> StartTimecode | None:
    """Frames of a changing rate cannot be numbered by one."""
    if not clip.has_constant_rate:
        return None
    with opened(clip.path) as container:
        stored = clip.stored.rate
        found = read_start_timecode(clip.path, container.streams[clip.stream], container, stored)
    if clip.pulldown is None or found is None:
        return found
    if found.drop:  # it counts the frames of video, and film has no such count
        return None
    return StartTimecode(clip.pulldown.timecode_frame(found.frame), round(clip.rate))


def _check_index(stream: Any, path: Path) -> None:
    """Refuses a file whose index points past its end: the rest of it is missing."""
    size = path.stat().st_size
    end = max((entry.pos + entry.size for entry in stream.index_entries), default=0)
    if end > size:
        lost = sum(entry.pos + entry.size > size for entry in stream.index_entries)
        raise broken(
            path, f"The file is cut short: {lost} of its {len(stream.index_entries)} frames are missing."
        )


def _describe(path: Path) -> Clip:
    """Everything but the frames' times, from the stream and its first picture."""
    with opened(path) as container:
        stream = film_stream(container, path)
        pictures = _pictures(container, stream, path)
        first = list(islice(pictures, FIRST_PICTURES))
        picture = first[0]
        context = stream.codec_context
        _refuse_ipt(context.codec_tag, picture, path)
        rotation, mirrored = orientation_of(picture)
        colour = tags(
            int(picture.color_primaries),
            int(picture.color_trc),
            int(picture.colorspace),
            int(picture.color_range),
        )
        crop = read_crop(path, container, stream)
        width, height = crop.size_of(picture.width, picture.height)
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
            colour=colour,
            mirrored=mirrored,
            stream=stream.index,
            codec=context.name,
            interlaced=is_interlaced(first),
            has_alpha=_has_alpha(first),
            notes=(LOG_NOTE,) if not colour.is_hdr and looks_like_log(first) else (),
            crop=crop,
        )


def _has_alpha(pictures: list[Any]) -> bool:
    """Whether a film has an alpha channel; where its codec always gives one, whether any picture uses it."""
    if not has_alpha_channel(pictures[0]):
        return False
    if pictures[0].format.name not in ALWAYS_WITH_ALPHA:
        return True
    planes = (stored_alpha(picture) for picture in pictures)
    return any(plane is not None and bool(plane.min() < 1) for plane in planes)


def _refuse_ipt(codec_tag: str, picture: Any, path: Path) -> None:
    """Refuses Dolby Vision of profile 5: its codes are IPT, shaped anew in every frame by data that is not read."""
    if codec_tag in DOLBY_TAGS and int(picture.color_trc) not in TRANSFERS:
        raise FootageError(
            "This is Dolby Vision without a base layer of its own (profile 5): its colours cannot be read here.",
            where=path,
            hint="Export it as HDR10 or HLG, or as Dolby Vision of profile 8.",
        )


def _pictures(container: Any, stream: Any, path: Path) -> Iterator[Any]:
    """The pictures, as far as they decode; one at least."""
    from stylize.footage.decoder import decoded

    found = False
    try:
        for picture in decoded(container, stream, path):
            found = True
            yield picture
    except FootageError as error:
        if not found:
            raise broken(path, f"The first frame cannot be decoded: {error.what}") from error
    if not found:
        raise FootageError("The film holds no frames.", where=path, hint="Export the clip again.")


def _with_decoded_times(clip: Clip) -> Clip:
    """The clip with the times of all pictures; where the file leaves any of them out, by the stream's own rate."""
    from stylize.footage.decoder import decoded

    with opened(clip.path) as container:
        stream = container.streams[clip.stream]
        times = tuple(picture.pts for picture in decoded(container, stream, clip.path))
        rate = rate_without_times(stream)
    if _all_at_once(times):  # such a clock tells nothing
        times = (None,) * len(times)
    if None not in times:
        return replace(clip, pts=times)
    clip = replace(clip, rate=rate, untimed=True)
    _check_rate(clip)
    return replace(clip, pts=times_by_order(times, 1 / (rate * clip.time_base)))


def _all_at_once(times: Sequence[int | None]) -> bool:
    return len(times) > 1 and len(set(times)) == 1


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
