"""Frames into a film file, by ffmpeg.

The pictures go to ffmpeg's standard input as raw Y'CbCr in a NUT stream, which keeps any time base; the
sound comes to it from the source. Nothing passes a filter that could move a time or a colour.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from math import gcd
from pathlib import Path
from typing import Any

import numpy as np

from stylize.errors import OutputError, StylizeError
from stylize.events import Listener, Note
from stylize.footage.binary import ffmpeg_binary
from stylize.footage.clip import Clip, Frame, Pixels
from stylize.footage.colour import yuv_from_rgb
from stylize.footage.container import broken
from stylize.footage.guard import OPTIONS
from stylize.footage.labels import Labels, read_labels, with_chapters_in_a_file, with_labels
from stylize.footage.outfile import staged_file
from stylize.footage.process import FfmpegProcess
from stylize.footage.start_timecode import moved, spell_timecode
from stylize.footage.target import FilmTarget

ENCODER_THREADS = 4
"""x264 codes slightly differently for each number of threads: fixed, so that a farm writes one machine's film."""

H264_PRESET, H264_CRF = "faster", 15.2
"""As near to drawn frames as `medium` at 16, in half of the time, and a little larger: see
docs/notes/coding-drawn-films.md."""

READ_SAFELY = {name: OPTIONS[name] for name in ("format_whitelist", "protocol_whitelist")}
WEB_BYTES = 9_000_000
"""How large a film for a web page may become."""
WEB_SOUND = {"c:a": "aac", "b:a": "96k", "ac": 2}


@dataclass(frozen=True)
class Coding:
    """How pixels become code values: ffmpeg's pixel format, its depth, halved chroma, matrix and encoder."""

    pixel_format: str
    depth: int
    halved: tuple[bool, bool]
    matrix: str
    options: dict[str, Any]
    sound: dict[str, Any] = field(default_factory=lambda: {"c:a": "copy"})


def write_container(frames: Iterator[Frame], clip: Clip, target: FilmTarget, listen: Listener) -> None:
    """Encode the frames, copy the sound, check the film, and only then give it its name.

    Raises:
        OutputError: ffmpeg fails (its last messages are quoted), or the film is not what was sent.
    """
    import av

    first = next(frames)
    height, width, channels = first.pixels.shape
    if target.format == "web":
        coding = web_coding(clip, target)
    else:
        coding = choose_coding(clip, target.format, width, height, alpha=channels == 4)
    if target.format == "mp4":
        if channels == 4:
            listen(Note("H.264 has no transparency: the film shows the colours without it."))
        if width % 2 or height % 2:
            listen(Note(f"At the odd size {width}x{height} the film is 4:4:4, which few devices play."))
        if clip.bit_depth > 8:
            listen(Note(f"The clip has {clip.bit_depth} bits, the film 8: --format prores keeps 10."))
    times = film_times(clip, target)
    with staged_file(target.out) as temporary, ExitStack() as held:
        labels = Labels() if target.format == "web" else read_labels(clip, target, times.origin)
        if labels.chapters:
            labels = held.enter_context(with_chapters_in_a_file(labels, target.out.parent))
        command = _command(temporary, clip, target, coding, times, labels)
        with FfmpegProcess(command, target.out) as encoder:
            try:
                _send(chain([first], frames), encoder.stdin, clip, coding, times, (width, height))
            except (av.error.ArgumentError, av.error.InvalidDataError, OverflowError) as error:
                raise OutputError(f"The frames cannot be coded: {error}.", where=target.out) from error
            encoder.finish()
        _check_written(temporary, clip, target, times, (width, height))


@dataclass(frozen=True)
class Times:
    """When the film's frames are shown: `pts` in units of `base`; `origin` is the source's time at zero.

    `last` is how long the last one is shown, in the same units; None where that is one step of a constant rate.
    """

    pts: tuple[int, ...]
    base: Fraction
    origin: Fraction
    last: int | None = None


def film_times(clip: Clip, target: FilmTarget) -> Times:
    """The film's own clock. A whole clip keeps the time by which its sound begins earlier; a part starts with
    its first frame.

    The unit is the largest in which every time is whole, so that a constant rate is stored as one.
    """
    first = clip.pts_of(target.start)
    origin = first
    if target.start == 0 and target.audio:
        heard = min(max(sound.start, Fraction(0)) for sound in target.audio)
        origin = min(first, int(heard // clip.time_base))
    for index in range(target.start + 1, target.end):
        if clip.pts_of(index) <= clip.pts_of(index - 1):
            raise broken(
                clip.path, f"The file is damaged: frame {index} comes no later than frame {index - 1}."
            )
    pts = [clip.pts_of(index) - origin for index in range(target.start, target.end)]
    last = _last_ticks(clip, target)
    step = gcd(*pts, last or 0)
    if step == 0:  # one frame, at zero
        step = max(1, round(1 / (clip.rate * clip.time_base)))
    return Times(
        tuple(time // step for time in pts),
        step * clip.time_base,
        origin * clip.time_base,
        None if last is None else last // step,
    )


def _last_ticks(clip: Clip, target: FilmTarget) -> int | None:
    """How long the film's last frame is shown, in ticks of the clip; None where every frame is shown as long."""
    if target.end == clip.frame_count:
        return clip.last_ticks or None
    return None if clip.has_constant_rate else clip.pts_of(target.end) - clip.pts_of(target.end - 1)


def choose_coding(clip: Clip, format: str, width: int, height: int, *, alpha: bool) -> Coding:
    """The pixel format and encoder settings of a film; see `write_film`."""
    matrix = "bt2020nc" if clip.shown_colour.matrix == "bt2020nc" else "bt709"
    if format == "mp4":
        options = {
            "c:v": "libx264",
            "crf": H264_CRF,
            "preset": H264_PRESET,
            "x264-params": f"threads={ENCODER_THREADS}:lookahead-threads=1",
        }
        if width % 2 or height % 2:
            return Coding("yuv444p", 8, (False, False), matrix, options)
        return Coding("yuv420p", 8, (True, True), matrix, options)
    options = {"c:v": "prores_ks", "vendor": "apl0"}
    if alpha:
        return Coding(
            "yuva444p10le", 10, (False, False), matrix, options | {"profile:v": "4444", "alpha_bits": 16}
        )
    if width % 2 or height % 2:
        return Coding("yuv444p10le", 10, (False, False), matrix, options | {"profile:v": "4444"})
    return Coding("yuv422p10le", 10, (False, True), matrix, options | {"profile:v": "hq"})


def web_coding(clip: Clip, target: FilmTarget) -> Coding:
    """How a film for a web page is coded: see `stylize.footage.web_film`."""
    seconds = float(clip.seconds_of(target.end) - clip.seconds_of(target.start))
    rate = min(4_000_000, int(WEB_BYTES * 8 / max(seconds, 1)))
    options = {
        "c:v": "libx264",
        "crf": 24,
        "preset": "veryfast",
        "maxrate": rate,
        "bufsize": rate,
        "g": max(1, round(float(clip.rate) / 2)),
        "x264-params": f"threads={ENCODER_THREADS}",
    }
    return Coding("yuv420p", 8, (True, True), "bt709", options, WEB_SOUND)


def _command(
    out: Path, clip: Clip, target: FilmTarget, coding: Coding, times: Times, labels: Labels
) -> list[str]:
    import ffmpeg

    primaries = clip.shown_colour.primaries or "bt709"
    transfer = clip.shown_colour.transfer or "bt709"
    tags = {
        "color_range": "tv",
        "colorspace": coding.matrix,
        "color_primaries": primaries,
        "color_trc": transfer,
    }
    marks = f"setparams=range=tv:colorspace={coding.matrix}:color_primaries={primaries}:color_trc={transfer}"
    aspect = Fraction(1) if target.format == "web" else clip.pixel_aspect
    inputs = [ffmpeg.input("pipe:0", format="nut")["v:0"]]
    sound: dict[str, Any] = {}
    if target.audio:
        source = ffmpeg.input(f"file:{clip.path}", **READ_SAFELY, itsoffset=f"{float(-times.origin):.9f}")
        inputs += [source[str(stream.stream)] for stream in target.audio]
        sound = dict(coding.sound)
        outside = _outside(clip, target, times)
        if outside:
            sound["bsf:a"] = f"noise=drop='{outside}'"
    output = ffmpeg.output(
        *inputs,
        f"file:{out}",
        vf=f"setsar={aspect.numerator}/{aspect.denominator},{marks}",
        **coding.options,
        **tags,
        **sound,
        **_ending(times),
        **_timecode(clip, target),
        fps_mode="passthrough",
        enc_time_base=f"{times.base.numerator}/{times.base.denominator}",
        video_track_timescale=clip.time_base.denominator,
        movflags="+faststart+write_colr",
        fflags="-bitexact" if labels.film else "+bitexact",  # with it the muxer leaves labels out
    )
    command: list[str] = output.global_args(
        "-copyts", "-hide_banner", "-nostats", "-loglevel", "error"
    ).compile(cmd=ffmpeg_binary())
    return with_labels(command, out, labels)


def _ending(times: Times) -> dict[str, Any]:
    """Lets the film end when its last frame does: a muxer by itself shows that one for the mean of all frames.

    The frame that is shown last gets its length, and no other may reach beyond the end.
    """
    if times.last is None:
        return {}
    last, end = times.pts[-1], times.pts[-1] + times.last
    length = f"if(eq(PTS,{last}),{times.last},min(DURATION,{end}-PTS))"
    ticks = times.base.denominator  # edit lists count in the movie's ticks, which are milliseconds by default
    ticks *= -(-1000 // ticks)
    return {"bsf:v": f"setts=pts=PTS:dts=DTS:duration='{length}'", "movie_timescale": ticks}


def _timecode(clip: Clip, target: FilmTarget) -> dict[str, Any]:
    if clip.timecode is None:
        return {}
    return {"timecode": spell_timecode(moved(clip.timecode, target.start))}


def _outside(clip: Clip, target: FilmTarget, times: Times) -> str:
    """The sound packets that a part of the clip leaves out, as an expression of ffmpeg's noise filter."""
    parts = []
    if target.start > 0:
        parts.append("lte((pts+duration)*tb,0)")
    if target.end < clip.frame_count:
        finish = (clip.pts_of(target.end) * clip.time_base) - times.origin
        parts.append(f"gte(pts*tb,{float(finish):.9f})")
    return "+".join(parts)


def _send(
    frames: Iterator[Frame], pipe: Any, clip: Clip, coding: Coding, times: Times, size: tuple[int, int]
) -> None:
    import av

    container = av.open(pipe, "w", format="nut")
    stream = container.add_stream("rawvideo", rate=clip.rate)
    stream.width, stream.height = size
    stream.pix_fmt = coding.pixel_format
    stream.time_base = stream.codec_context.time_base = times.base
    picture = av.VideoFrame(*size, coding.pixel_format)
    for frame, pts in zip(frames, times.pts, strict=True):
        picture = av.VideoFrame(*size, coding.pixel_format)
        _fill(picture, frame.pixels, coding)
        picture.pts, picture.time_base = pts, times.base
        container.mux(stream.encode(picture))
    container.mux(stream.encode(None))
    container.close()


def _fill(picture: Any, pixels: Pixels, coding: Coding) -> None:
    planes = list(
        yuv_from_rgb(pixels[..., :3], depth=coding.depth, matrix=coding.matrix, halved=coding.halved)
    )
    if len(picture.planes) == 4:
        planes.append(np.rint(np.clip(pixels[..., 3], 0, 1) * ((1 << coding.depth) - 1)).astype(np.uint16))
    kind = np.dtype(np.uint8) if coding.depth == 8 else np.dtype("<u2")
    for plane, codes in zip(picture.planes, planes, strict=True):
        rows = np.frombuffer(plane, kind).reshape(plane.height, plane.line_size // kind.itemsize)
        rows[:, : plane.width] = codes


def _check_written(film: Path, clip: Clip, target: FilmTarget, times: Times, size: tuple[int, int]) -> None:
    """Reads the film's packets back: its frames, times and size must be those that were sent."""
    from stylize.footage.prober import probe

    try:
        written = probe(film, measures_fields=False)
    except StylizeError as error:
        raise OutputError(
            f"The film was written but does not read back: {error.what}",
            where=target.out,
            hint="Check the disk.",
        ) from error
    sent = [pts * times.base for pts in times.pts]
    got = [pts * written.time_base for pts in written.pts]
    if sent != got or (written.width, written.height) != size:
        raise OutputError(
            f"The film was written with {len(got)} frames of {written.width}x{written.height}; "
            f"{len(sent)} of {size[0]}x{size[1]} were sent, or their times differ.",
            where=target.out,
            hint="Try another --format, or another ffmpeg on PATH.",
        )
    if len(written.audio) != len(target.audio):
        raise OutputError("The film was written without all of its sound.", where=target.out)
