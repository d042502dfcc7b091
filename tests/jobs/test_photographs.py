"""Folders of photographs as lists of jobs: what is taken, how drawings are named, one load of the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stylize.cli import main
from stylize.config.read_settings import read_settings
from stylize.errors import UsageError
from stylize.footage.photograph import read_photograph
from stylize.generators import load
from stylize.jobs.photographs import find_photographs, names_photographs, photograph_jobs
from tests.footage.photographs import KINDS, palette_with_a_hole


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "my album"
    folder.mkdir()
    KINDS["EXIF orientation 6"][1](folder / "a #1.jpg")
    palette_with_a_hole(folder / "b.png")
    (folder / "notes.txt").write_text("no photograph")
    (folder / ".hidden.jpg").write_bytes(b"")
    return folder


def test_the_photographs_of_a_folder_and_of_a_pattern(album: Path) -> None:
    assert [each.name for each in find_photographs(album)] == ["a #1.jpg", "b.png"]
    assert [each.name for each in find_photographs(album / "*.png")] == ["b.png"]
    assert names_photographs(album)
    assert names_photographs(album / "*.jpg")
    assert not names_photographs(album / "b.png")
    with pytest.raises(UsageError, match="no photograph"):
        find_photographs(album / "*.webp")


def test_a_file_whose_name_looks_like_a_pattern_is_itself(album: Path) -> None:
    (album / "b.png").rename(album / "b[1].png")
    assert not names_photographs(album / "b[1].png")


def test_two_that_differ_in_their_suffix_get_two_names(album: Path) -> None:
    (album / "b.jpg").write_bytes((album / "a #1.jpg").read_bytes())
    jobs = photograph_jobs(album, album / "out", "anime", read_settings(), album / "runs")
    assert [job.out.name for job in jobs] == ["a #1.anime.png", "b.jpg.anime.png", "b.png.anime.png"]


def test_two_that_would_become_one_drawing_are_refused(album: Path) -> None:
    picture = (album / "a #1.jpg").read_bytes()
    for name in ("b.jpg", "b.png.jpg"):
        (album / name).write_bytes(picture)
    with pytest.raises(UsageError, match=r"b\.png and b\.png\.jpg would both become b\.png\.anime\.png"):
        photograph_jobs(album, album / "out", "anime", read_settings(), album / "runs")


@pytest.mark.parametrize("pattern", [None, "*", "*.png"])
def test_drawings_among_the_photographs_are_refused(album: Path, pattern: str | None) -> None:
    source = album / pattern if pattern else album
    with pytest.raises(UsageError, match="be drawn in turn by the next run"):
        photograph_jobs(
            source, album.parent / "x" / ".." / album.name, "anime", read_settings(), album / "runs"
        )
    assert photograph_jobs(album / "*.jpg", album, "anime", read_settings(), album / "runs")


def test_one_load_draws_them_all_and_a_second_run_none(
    album: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    loads: list[str] = []
    really = load._load
    monkeypatch.setattr(load, "_load", lambda config: (loads.append(config.style), really(config))[1])
    monkeypatch.chdir(album.parent)
    (album / "broken.jpg").write_text("no picture")
    words = ["run", "my album", "--steps", "1", "--size", "64", "--repair", "off", "--deflicker", "0"]
    assert main(words) == 1
    caplog.clear()
    assert loads == ["anime"]
    drawn = album.parent / "my album.anime"
    assert sorted(each.name for each in drawn.iterdir()) == ["a #1.anime.png", "b.anime.png"]
    assert read_photograph(drawn / "a #1.anime.png").pixels.shape == (64, 96, 3)
    alpha = read_photograph(drawn / "b.anime.png").alpha
    assert alpha is not None
    assert np.array_equal(alpha == 0, read_photograph(album / "b.png").alpha == 0)
    (album / "broken.jpg").unlink()
    before = {each: each.stat().st_mtime_ns for each in drawn.iterdir()}
    assert main(words) == 0
    assert loads == ["anime"]
    assert {each: each.stat().st_mtime_ns for each in drawn.iterdir()} == before
