from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from stylize.footage import probe, read_frames, write_film
from stylize.footage.clip import StartTimecode
from stylize.footage.start_timecode import moved, parse_timecode, spell_timecode

from .conftest import Make

NTSC = Fraction(30000, 1001)


@pytest.mark.parametrize(
    ("text", "rate", "frame"),
    [
        ("01:00:00:00", Fraction(24), 86400),
        ("01:00:00:00", Fraction(24000, 1001), 86400),
        ("00:00:59;29", NTSC, 1799),
        ("00:01:00;02", NTSC, 1800),
        ("00:10:00;00", NTSC, 17982),
        ("00:20:00;00", NTSC, 35964),
        ("01:00:00;00", NTSC, 107892),
        ("00:01:00;04", Fraction(60000, 1001), 3600),
        ("23:59:59:24", Fraction(25), 2159999),
    ],
)
def test_numbers_and_their_spelling(text: str, rate: Fraction, frame: int) -> None:
    """The drop-frame numbers are those of SMPTE ST 12-1, annex."""
    found = parse_timecode(text, rate)
    assert found == StartTimecode(frame, round(rate), ";" in text)
    assert spell_timecode(found) == text


def test_every_number_of_an_hour_with_drop_frames_is_its_own() -> None:
    spelt = [spell_timecode(StartTimecode(n, 30, True)) for n in range(107892)]
    assert len(set(spelt)) == len(spelt)
    assert spelt == sorted(spelt)
    assert all(parse_timecode(spelt[n], NTSC) == StartTimecode(n, 30, True) for n in range(0, 107892, 997))


def test_midnight() -> None:
    assert spell_timecode(moved(StartTimecode(2159999, 25), 1)) == "00:00:00:00"


@pytest.mark.parametrize("text", ["", "1:2:3", "01:00:00:24", "aa:bb:cc:dd", "01:00:00:00:00"])
def test_what_is_no_timecode(text: str) -> None:
    assert parse_timecode(text, Fraction(24)) is None


def flag_as_dropping(path: Path) -> Path:
    """Sets the drop-frame flag of a timecode track's sample description, which some cameras set at 24."""
    data = bytearray(path.read_bytes())
    entry = data.index(b"tmcd", data.rindex(b"stsd"))
    assert data[entry + 16 : entry + 20] == bytes(4)
    data[entry + 19] = 1
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("flagged", [False, True])
@pytest.mark.parametrize(("form", "name"), [("mp4", "film.mp4"), ("prores", "film.mov")])
def test_a_start_timecode_is_kept_and_moved(
    make: Make, tmp_path: Path, flagged: bool, form: str, name: str
) -> None:
    source = make("tc.mov", "-c:v", "libx264", "-timecode", "01:00:00:00", frames=12)
    clip = probe(flag_as_dropping(source) if flagged else source)
    assert clip.timecode == StartTimecode(86400, 24)
    for start, spelt in ((0, "01:00:00:00"), (5, "01:00:00:05")):
        out = tmp_path / f"{start}.{name}"
        write_film(read_frames(clip, start), out, clip, start=start, format=form)
        found = probe(out).timecode
        assert found is not None
        assert spell_timecode(found) == spelt


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        ("30000/1001", "00:59:59;28"),
        ("60000/1001", "10:00:00;00"),
        ("50", "09:59:58:49"),
        ("24000/1001", "23:59:59:23"),
    ],
)
def test_other_rates(make: Make, tmp_path: Path, rate: str, text: str) -> None:
    clip = probe(make("tc.mov", "-c:v", "libx264", "-timecode", text, frames=4, rate=rate))
    assert clip.timecode is not None
    assert spell_timecode(clip.timecode) == text
    write_film(read_frames(clip), tmp_path / "film.mov", clip)
    assert probe(tmp_path / "film.mov").timecode == clip.timecode


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mxf", ["-c:v", "mpeg2video"]),
        ("a.mkv", ["-c:v", "libx264", "-metadata:s:v", "timecode=02:03:04:05"]),
    ],
)
def test_containers_that_hold_the_text(make: Make, name: str, options: list[str]) -> None:
    clip = probe(make(name, *options, "-timecode", "02:03:04:05", rate="25"))
    assert clip.timecode is not None
    assert spell_timecode(clip.timecode) == "02:03:04:05"


def test_a_clip_without_one_gets_none(make: Make, tmp_path: Path) -> None:
    clip = probe(make("plain.mov", "-c:v", "libx264", frames=2))
    assert clip.timecode is None
    write_film(read_frames(clip), tmp_path / "film.mov", clip)
    assert probe(tmp_path / "film.mov").timecode is None
