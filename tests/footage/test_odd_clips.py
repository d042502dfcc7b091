"""Clips as phones, cameras and screens write them: sound nobody knows, clocks that jump, sizes that change."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest

from stylize.errors import FootageError
from stylize.events import Event
from stylize.footage import find_shots, format_time, probe, read_frames, write_film
from stylize.footage.clip import Clip
from stylize.footage.sequence import Pattern

from .conftest import Make, run_ffmpeg


def copied(clip: Clip, out: Path, **options: object) -> Clip:
    """The clip's own frames as a film."""
    start, end = options.get("start", 0), options.get("end", clip.frame_count)
    assert isinstance(start, int)
    assert isinstance(end, int)
    heard: list[Event] = []
    write_film(read_frames(clip, start, end), out, clip, listen=heard.append, **options)  # type: ignore[arg-type]
    return probe(out)


def sound_packets(path: Path, stream: int = 0) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(container.streams.audio[stream]) if packet.size]


# ---------------------------------------------------------------------- sound that no ffmpeg decodes


def with_unknown_sound(path: Path, first: Path, tag: bytes = b"apac") -> Path:
    """Two AAC tracks, of which the second is given another name, and none that ffmpeg knows it by."""
    run_ffmpeg(
        "-i", str(first), "-map", "0:v", "-map", "0:a", "-map", "0:a", "-c", "copy", str(path)
    )  # fmt: skip
    data = path.read_bytes()
    last = data.rindex(b"stsd")
    path.write_bytes(data[:last] + data[last:].replace(b"mp4a", tag).replace(b"esds", b"dapa"))
    return path


@pytest.mark.parametrize("tag", [b"apac", b"enca", b"zzzz", b"dtsy", b"\x00\x01\x02\x03"])
def test_sound_of_an_unknown_kind_is_left_out_and_said(make: Make, tmp_path: Path, tag: bytes) -> None:
    known = make("known.mov", "-c:v", "libx264", "-shortest", frames=24, sound="aac")
    clip = probe(with_unknown_sound(tmp_path / "phone.mov", known, tag))
    assert [sound.codec for sound in clip.audio] == ["aac"]
    assert clip.notes == (
        "Sound track 2 of 2 is of a kind that ffmpeg does not know: it is left out of the film.",
    )
    film = copied(clip, tmp_path / "film.mp4")
    assert film.frame_count == 24
    assert sound_packets(tmp_path / "film.mp4") == sound_packets(clip.path)


# ---------------------------------------------------------------------- clocks that jump


SECOND = ("-c:v", "libx264", "-mpegts_flags", "initial_discontinuity")
"""Says at its start that packets are counted anew, as a recorder does that goes on."""


def joined(out: Path, *parts: Path) -> Path:
    out.write_bytes(b"".join(part.read_bytes() for part in parts))
    return out


@pytest.mark.parametrize(
    ("begins", "goes_on", "words"),
    [
        (5000, 0, "back by 5000.9 s"),
        (0, 5000, "ahead by 4999.0 s"),
        (40, 2, "back by 39.0 s"),
        (0, 60, "ahead by 59.0 s"),
        (10, 3600, "ahead by 3589.0 s"),
    ],
)
def test_a_clock_that_jumps_is_refused_with_its_moment(
    make: Make, tmp_path: Path, begins: int, goes_on: int, words: str
) -> None:
    first = make("a.ts", "-c:v", "libx264", "-output_ts_offset", str(begins), rate="25", frames=25)
    second = make("b.ts", *SECOND, "-output_ts_offset", str(goes_on), rate="25", frames=25)
    with pytest.raises(FootageError, match=f"{words} after 25 frames, 0.9. s into the clip") as caught:
        probe(joined(tmp_path / "jump.ts", first, second))
    assert caught.value.hint
    run_ffmpeg(
        "-i", str(tmp_path / "jump.ts"), "-c", "copy", str(tmp_path / "mended.mkv")
    )  # as the hint says
    assert probe(tmp_path / "mended.mkv").frame_count == 50


def test_a_clock_that_begins_again_after_26_hours_runs_on(make: Make) -> None:
    clip = probe(make("late.ts", "-c:v", "libx264", "-output_ts_offset", "95442.5", rate="25", frames=50))
    assert clip.frame_count == 50
    assert clip.seconds_of(50) == 2


# ---------------------------------------------------------------------- sizes that change


@pytest.mark.parametrize(
    ("size", "codec"),
    [
        ("48x64", "libx264"),
        ("128x96", "libx264"),
        ("64x64", "libx264"),
        ("32x24", "libx265"),
        ("66x48", "libx264"),
    ],
)
def test_a_size_that_changes_is_refused_with_its_moment(
    make: Make, tmp_path: Path, size: str, codec: str
) -> None:
    coder = ("-c:v", codec, *(("-x265-params", "log-level=none") if codec == "libx265" else ()))
    first = make("a.ts", *coder, size="64x48", rate="25", frames=25)
    second = make("b.ts", *coder, *SECOND[2:], "-output_ts_offset", "1", size=size, rate="25", frames=25)
    clip = probe(joined(tmp_path / "turned.ts", first, second))
    with pytest.raises(FootageError, match=rf"from 64x48 to {size} at frame 25, [01]\.\d\d s") as caught:
        find_shots(clip)
    assert "--end 25f" in str(caught.value.hint)
    assert len(list(read_frames(clip, 0, 25))) == 25


# ---------------------------------------------------------------------- how long the last frame is shown


def recorded(path: Path, source: Path, ticks: list[int], last: int) -> Path:
    """A screen recording: frames at these ticks of 1/600 s, the last one shown for `last`."""
    with av.open(str(source)) as given, av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"bf": "0", "video_track_timescale": "600"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 600)
        packets = []
        for picture, pts in zip(given.decode(video=0), ticks, strict=True):
            picture.pts, picture.time_base = pts, Fraction(1, 600)
            packets += stream.encode(picture)
        packets += stream.encode(None)
        for packet, length in zip(
            packets, [b - a for a, b in zip(ticks, [*ticks[1:], ticks[-1] + last], strict=True)], strict=True
        ):
            packet.duration = length
            container.mux(packet)
    return path


TICKS = [0, 6000, 12000, 12010, 12020, 12030]


@pytest.mark.parametrize(("form", "name"), [("mp4", "film.mp4"), ("prores", "film.mov")])
@pytest.mark.parametrize("last", [10, 1800])
def test_a_screen_recording_keeps_its_length(
    make: Make, tmp_path: Path, form: str, name: str, last: int
) -> None:
    clip = probe(recorded(tmp_path / "screen.mp4", make("s.mp4", "-c:v", "libx264", frames=6), TICKS, last))
    assert clip.seconds_of(6) == Fraction(12030 + last, 600)
    film = copied(clip, tmp_path / name, format=form)
    assert [film.seconds_of(index) for index in range(7)] == [clip.seconds_of(index) for index in range(7)]
    with av.open(str(tmp_path / name)) as container:
        track = container.streams.video[0]
        assert track.duration * track.time_base == clip.seconds_of(6)


def test_a_part_ends_where_the_next_frame_began(make: Make, tmp_path: Path) -> None:
    clip = probe(recorded(tmp_path / "screen.mp4", make("s.mp4", "-c:v", "libx264", frames=6), TICKS, 10))
    film = copied(clip, tmp_path / "part.mp4", start=1, end=2)
    assert film.seconds_of(1) == 10


# ---------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Take #3 50%d off.anime.%06d.png", "Take #3 50%d off.anime.000007.png"),
        ("100%.####.png", "100%.0007.png"),
        ("a####_v%02d.%04d.exr", "a####_v%02d.0007.exr"),
    ],
)
def test_the_last_field_of_a_name_is_the_number(name: str, file: str) -> None:
    pattern = Pattern.parse(Path(name))
    assert pattern is not None
    assert pattern.file(7).name == file
    assert Pattern.parse(pattern.path) == pattern


def test_a_hash_before_a_digit_is_a_name() -> None:
    assert Pattern.parse(Path("Take #3.png")) is None


@pytest.mark.parametrize("form", ["png", "mp4"])
@pytest.mark.parametrize(
    "name", ["Take #3 50%d off", "-rf 'a\" $(x) `y`", "élan 雨 \u202e", "a;b&c|d\\e", "file:x"]
)
def test_a_name_of_any_characters(make: Make, tmp_path: Path, name: str, form: str) -> None:
    source = tmp_path / f"{name}.mov"
    make("plain.mov", "-c:v", "libx264", frames=2, sound="aac").rename(source)
    clip = probe(source)
    if form == "png":
        written = write_film(read_frames(clip), tmp_path / f"{name}.x.%06d.png", clip, format="png")
        assert (tmp_path / f"{name}.x.000001.png").is_file()
        assert probe(written).frame_count == 2
    else:
        assert copied(clip, tmp_path / f"{name}.x.mp4").frame_count == 2
    assert format_time(2, clip) == "00:00:00.083"
