from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from stylize.errors import FootageError, UsageError
from stylize.footage import Clip, Frame, Shot, find_shots, probe, read_frames, read_shots, write_shots

REAL = [
    ("bikes_cuts_272p25", [0, 30, 76, 137, 187, 242]),
    ("fades_320p25_mpeg4", [0, 84, 167]),
    ("counter", [0, 10, 20]),  # its colour changes twice
    ("runner_512p20", [0]),
]


@pytest.mark.parametrize(("name", "starts"), REAL, ids=[row[0] for row in REAL])
def test_real_cuts(shared_data: Path, name: str, starts: list[int]) -> None:
    clip = probe(shared_data / "clips" / f"{name}.mp4")
    shots = find_shots(clip)
    assert [shot.start for shot in shots] == starts
    assert [shot.end for shot in shots] == [*starts[1:], clip.frame_count]


@pytest.mark.parametrize("name", ["juggle_720p24", "cups_720p30_audio"])
def test_one_shot_stays_one(shared_data: Path, name: str) -> None:
    clip = probe(shared_data / "clips" / f"{name}.mp4")
    assert find_shots(clip, start=60, end=140) == [Shot(60, 140)]


def test_real_fades_through_black(shared_data: Path) -> None:
    clip = probe(shared_data / "clips" / "cuts_720p30.mp4")
    assert [shot.start for shot in find_shots(clip, end=500)] == [0, 15, 198, 377]


def test_a_part_keeps_the_clips_numbers(shared_data: Path) -> None:
    clip = probe(shared_data / "clips" / "bikes_cuts_272p25.mp4")
    assert find_shots(clip, start=50, end=150) == [Shot(50, 76), Shot(76, 137), Shot(137, 150)]


def test_decoded_frames_can_be_shared(shared_data: Path) -> None:
    clip = probe(shared_data / "clips" / "bikes_cuts_272p25.mp4")
    assert find_shots(clip, end=100, frames=read_frames(clip, 0, 100)) == [
        Shot(0, 30),
        Shot(30, 76),
        Shot(76, 100),
    ]


CLIP = Clip(Path("made.mp4"), 64, 48, Fraction(24), Fraction(1, 24), 96)


def shown(clip: Clip, levels: dict[int, float], skip: int = -1) -> Iterator[Frame]:
    """Textured frames whose brightness changes at the given frames."""
    rng = np.random.default_rng(3)
    level, texture = 0.0, rng.random((48, 64, 3), np.float32)
    for index in range(clip.frame_count):
        if index in levels:
            level, texture = levels[index], rng.random((48, 64, 3), np.float32)
        if index != skip:
            yield Frame(index, index, texture * level)


def test_hard_cuts_and_a_black_between() -> None:
    frames = shown(CLIP, {0: 0.9, 30: 0.5, 60: 0.0, 66: 0.8})
    assert [shot.start for shot in find_shots(CLIP, frames=frames)] == [0, 30, 63]


def test_frames_that_are_not_the_range() -> None:
    with pytest.raises(FootageError, match="Frame 21 came"):
        find_shots(CLIP, frames=shown(CLIP, {0: 0.5}, skip=20))
    with pytest.raises(FootageError, match="Only 0 of 96"):
        find_shots(CLIP, frames=[])


# ---------------------------------------------------------------------- the list


def test_the_list_comes_back(tmp_path: Path) -> None:
    shots = [Shot(0, 30), Shot(30, 31), Shot(31, 96)]
    path = write_shots(tmp_path / "shots.csv", shots, CLIP)
    assert read_shots(path, CLIP) == shots
    assert path.read_text().splitlines()[1] == "1,0,30,00:00:00.000,00:00:01.250"
    with pytest.raises(UsageError, match="exists"):
        write_shots(path, shots, CLIP)
    write_shots(path, shots[:1], CLIP, overwrite=True)
    assert read_shots(path, CLIP) == shots[:1]


@pytest.mark.parametrize(
    "text",
    [
        "shot;start;end\r\n1;0;40\r\n2;40;96\r\n",
        "\ufeffstart,end\n0,40\n40,96\n",
        "End\tStart\tnote\n40\t0\tfirst\n\n96\t40\t\n\n",
        'name,start,end\n"a, b",0,40\n,40,96',
    ],
)
def test_what_spreadsheets_write(tmp_path: Path, text: str) -> None:
    (tmp_path / "shots.csv").write_bytes(text.encode())
    assert read_shots(tmp_path / "shots.csv", CLIP) == [Shot(0, 40), Shot(40, 96)]


@pytest.mark.parametrize(
    ("rows", "line", "words"),
    [
        ("0,40\n50,96", 3, "Frames 40 to 50 are in no shot"),
        ("0,40\n39,96", 3, "starts at frame 39, within"),
        ("0,97", 2, "the clip has 96"),
        ("40,40", 2, "not after its start"),
        ("0,forty", 2, "'forty' is not a frame number"),
        ("0,40\n40,", 3, "'' is not a frame number"),
        ("-1,40", 2, "'-1'"),
        ("0,1.5", 2, "'1.5'"),
    ],
)
def test_lines_that_cannot_be_meant(tmp_path: Path, rows: str, line: int, words: str) -> None:
    path = tmp_path / "shots.csv"
    path.write_text(f"start,end\n{rows}\n")
    with pytest.raises(UsageError, match=words) as caught:
        read_shots(path, CLIP)
    assert f"line {line}" in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("text", ["", "start,end\n", "a,b\n0,96\n", "\x00\xff\xfe"])
def test_lists_that_are_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "shots.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError):
        read_shots(tmp_path / "shots.csv", CLIP)
    with pytest.raises(UsageError, match="no such"):
        read_shots(tmp_path / "none.csv", CLIP)
