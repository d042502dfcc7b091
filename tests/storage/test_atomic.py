"""What is left of a file that was being written when its process was killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from stylize.footage.outfile import owner_mark
from stylize.storage.atomic import sweep_unfinished, write_first


def test_only_what_the_dead_have_left_goes(tmp_path: Path) -> None:
    mine = owner_mark()
    dead = f"{mine[:6]}{2**31 - 5:08x}{mine[14:]}"  # no process has that number
    names = {
        f".run.json.{mine}.tmp",
        f".a.b.json.{mine}.tmp",
        ".notes.tmp",
        "run.json",
        f"run.json.{dead}.tmp",
    }
    for name in (*names, f".run.json.{dead}.tmp", f".a.b.json.{dead}.tmp"):
        (tmp_path / name).write_bytes(b"{")
    sweep_unfinished(tmp_path)
    assert {each.name for each in tmp_path.iterdir()} == names


def test_of_several_writers_the_first_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(path: Path, target: Path) -> None:
        raise OSError("this disk knows no second names")

    for name in ("linked", "moved"):
        for data in (b"first", b"second"):
            write_first(tmp_path / name, data)
        assert (tmp_path / name).read_bytes() == b"first"
        monkeypatch.setattr(Path, "hardlink_to", refuses)
    assert {each.name for each in tmp_path.iterdir()} == {"linked", "moved"}
