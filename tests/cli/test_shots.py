"""`stylize shots`: a table, a CSV that reads back, JSON."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from stylize import footage
from stylize.footage import Shot

from .conftest import CUT, FRAMES, Typed


def test_a_table_of_the_shots(typed: Typed, clip: Path) -> None:
    said = typed("shots", clip)
    rows = [line.split() for line in said.out.splitlines()]
    assert said.code == 0
    assert rows[1] == ["1", "0", str(CUT), str(CUT), "00:00:00.000", "00:00:00.375"]
    assert rows[2][1:4] == [str(CUT), str(FRAMES), str(FRAMES - CUT)]


def test_the_list_reads_back(typed: Typed, clip: Path) -> None:
    said = typed("shots", clip, "-o", "cuts.csv")
    assert (said.code, said.out) == (0, "cuts.csv: 2 shots\n")
    assert footage.read_shots(Path("cuts.csv"), footage.probe(clip)) == [Shot(0, CUT), Shot(CUT, FRAMES)]
    with Path("cuts.csv").open(newline="") as file:
        assert next(csv.reader(file))[:3] == ["shot", "start", "end"]


def test_an_edited_list_is_not_replaced_unasked(typed: Typed, clip: Path) -> None:
    Path("cuts.csv").write_text("mine")
    said = typed("shots", clip, "-o", "cuts.csv")
    assert said.code == 2
    assert Path("cuts.csv").read_text() == "mine"
    assert typed("shots", clip, "-o", "cuts.csv", "-y").code == 0
    assert Path("cuts.csv").read_text() != "mine"


def test_a_part_of_the_clip_for_a_machine(typed: Typed, clip: Path) -> None:
    said = typed("shots", clip, "--start", "2f", "--end", "0.5", "--json")
    (record,) = said.lines
    assert [(each["start"], each["end"]) for each in record["shots"]] == [(2, CUT), (CUT, 12)]
    assert record["shots"][1]["end_time"] == "00:00:00.500"


@pytest.mark.parametrize("rate", ["0", "fast", "1/0", "-24", "nan"])
def test_rates_that_cannot_be(typed: Typed, clip: Path, rate: str) -> None:
    said = typed("shots", clip, "--rate", rate)
    assert said.code == 2
    assert rate in said.err
    assert "24000/1001" in said.err
