"""What is left of a file that was being written when its process was killed."""

from __future__ import annotations

from pathlib import Path

from stylize.footage.outfile import owner_mark
from stylize.storage.atomic import sweep_unfinished


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
