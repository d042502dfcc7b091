"""The file of a training's state, where two trainings write to one folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from stylize.footage.outfile import owner_mark
from training.state_file import resumed_state, write_state


def test_two_trainings_at_once_do_not_take_each_others_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, save, turns = tmp_path / "state.pt", torch.save, iter([True])

    def save_while_another_does(state: Any, file: Any) -> None:
        if next(turns, False):
            write_state(path, {"step": 2})
        save(state, file)

    monkeypatch.setattr(torch, "save", save_while_another_does)
    write_state(path, {"step": 3})
    assert resumed_state(path) == {"step": 3}
    assert [each.name for each in tmp_path.iterdir()] == ["state.pt"]


def test_what_a_killed_training_left_goes(tmp_path: Path) -> None:
    mark = owner_mark()
    dead = f"{mark[:6]}{2**31 - 5:08x}{mark[14:]}"  # no process has that number
    (tmp_path / f".state.pt.{dead}.tmp").write_bytes(b"half")
    (tmp_path / f".state.pt.{mark}.tmp").write_bytes(b"of one that lives")
    write_state(tmp_path / "state.pt", {"step": 1})
    assert sorted(each.name for each in tmp_path.iterdir()) == [f".state.pt.{mark}.tmp", "state.pt"]
