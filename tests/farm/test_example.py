"""The example list of jobs: run here, and exported for a farm."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from stylize.cli import main
from stylize.footage import probe
from tests.farm.conftest import ROOT
from tests.farm.test_export import openjd


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    """A copy of the example in a folder of its own."""
    there = tmp_path / "examples" / "farm"
    there.mkdir(parents=True)
    shutil.copy(ROOT / "examples" / "farm" / "jobs.toml", there)
    shutil.copy(ROOT / "examples" / "sample.mp4", there.parent)
    return there / "jobs.toml"


def test_the_example_runs_on_one_machine(jobs: Path, tmp_path: Path) -> None:
    quick = ["--size", "64", "--precision", "fp32", "--device", "cpu", "--repair", "off", "--steady", "0"]
    assert main(["run", "--jobs", str(jobs), "--keep-going", "-q", *quick]) == 0
    assert [
        probe(tmp_path / "demo" / "farm" / name).frame_count for name in ("opening.mp4", "night.mp4")
    ] == [12, 12]


def test_the_example_exports_for_a_farm(jobs: Path, tmp_path: Path) -> None:
    assert main(["farm", "export", str(jobs), "-o", str(tmp_path), "--device", "cuda", "-q"]) == 0
    for name in ("opening", "lake by night"):
        assert openjd("check", tmp_path / f"{name}.template.json").returncode == 0
