"""What a file says of itself comes along: titles, languages, chapters, the reel, the time of creation."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from stylize.footage import probe, read_frames, write_film

from .conftest import Make, run_ffmpeg

CHAPTERS = """;FFMETADATA1
[CHAPTER]
TIMEBASE=1/1000
START=0
END=1000
title=Opening \\= a; \\#1
[CHAPTER]
TIMEBASE=1/1000
START=1000
END=2000
title=Зима\\\nlang
"""
TITLE = "A film: 50% \"off\" = 'x'; 雨"


@pytest.fixture
def labelled(make: Make, tmp_path: Path) -> Path:
    """Two seconds at 24 with two sound tracks, a timecode and a reel."""
    plain = make("plain.mov", "-c:v", "libx264", "-shortest", frames=48, sound="aac")
    (tmp_path / "chapters").write_text(CHAPTERS, encoding="utf-8")
    out = tmp_path / "labelled.mov"
    run_ffmpeg(
        "-i", str(plain), "-i", str(tmp_path / "chapters"), "-map", "0:v", "-map", "0:a", "-map", "0:a",
        "-c", "copy", "-map_chapters", "1", "-metadata", f"title={TITLE}", "-metadata", "comment=two\nlines",
        "-metadata", "creation_time=2024-05-06T07:08:09Z", "-metadata", "artist=Somebody",
        "-metadata:s:a:0", "language=ger", "-metadata:s:a:1", "language=fra",
        "-metadata:s:v:0", "language=jpn", "-metadata:s:v:0", "reel_name=A001C002",
        "-timecode", "01:00:00:00", str(out),
    )  # fmt: skip
    return out


def facts_of(path: Path) -> dict[str, Any]:
    with av.open(str(path)) as container:
        data = {key: value for each in container.streams.data for key, value in each.metadata.items()}
        return {
            "film": dict(container.metadata),
            "picture": container.streams.video[0].metadata.get("language"),
            "sound": [each.metadata.get("language") for each in container.streams.audio],
            "reel": container.streams.video[0].metadata.get("reel_name") or data.get("reel_name"),
            "chapters": [
                (
                    each["start"] * each["time_base"],
                    each["end"] * each["time_base"],
                    each["metadata"]["title"],
                )
                for each in container.chapters()
            ],
        }


@pytest.mark.parametrize(("form", "name"), [("mp4", "film.mp4"), ("mp4", "film.mov"), ("prores", "film.mov")])
def test_labels_come_along(labelled: Path, tmp_path: Path, form: str, name: str) -> None:
    clip = probe(labelled)
    write_film(read_frames(clip), tmp_path / name, clip, format=form)
    before, after = facts_of(labelled), facts_of(tmp_path / name)
    for key in ("title", "comment", "creation_time", "artist"):
        assert after["film"][key] == before["film"][key], key
    assert after["film"]["title"] == TITLE
    assert after["sound"] == ["ger", "fra"]
    assert after["picture"] == "jpn"
    assert after["chapters"] == before["chapters"]
    assert len(after["chapters"]) == 2
    if name.endswith(".mov"):
        assert before["reel"] == after["reel"] == "A001C002"
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


@pytest.mark.parametrize("audio", [True, False])
def test_chapters_of_a_part_are_cut_with_it(labelled: Path, tmp_path: Path, audio: bool) -> None:
    clip = probe(labelled)
    write_film(read_frames(clip, 12, 36), tmp_path / "part.mp4", clip, start=12, end=36, audio=audio)
    first, second = facts_of(tmp_path / "part.mp4")["chapters"]
    assert first[:2] == (0, Fraction(1, 2))
    assert second[0] == Fraction(1, 2)
    assert abs(second[1] - 1) < Fraction(1, 20)  # read back, the last one ends with the last packet of sound
    write_film(read_frames(clip, 30, 36), tmp_path / "end.mp4", clip, start=30, end=36, audio=audio)
    assert len(facts_of(tmp_path / "end.mp4")["chapters"]) == 1


def test_other_containers_and_spellings(make: Make, tmp_path: Path) -> None:
    """Matroska writes its keys in capitals."""
    source = make(
        "a.mkv", "-c:v", "libx264", "-metadata", "TITLE=A", "-metadata", "ENCODER_SETTINGS=b", frames=4
    )
    clip = probe(source)
    write_film(read_frames(clip), tmp_path / "film.mp4", clip)
    after = facts_of(tmp_path / "film.mp4")
    assert after["film"]["title"] == "A"
    assert "encoder_settings" not in after["film"]
    assert after["chapters"] == []
