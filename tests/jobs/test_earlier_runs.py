"""A plan says how long the film takes, once one of the kind was made here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stylize.config.settings import RunSettings
from stylize.events import FrameDone, PassFinished
from stylize.jobs import earlier_runs
from stylize.jobs.earlier_runs import RunClock, expected_seconds
from stylize.jobs.job import RenderJob
from stylize.jobs.plan_run import plan_run
from stylize.storage.pictures import write_picture

FRAMES = 24
PLATE = Path(__file__).resolve().parents[2] / "examples" / "greenscreen.mp4"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test starts with no earlier run."""
    monkeypatch.setenv("STYLIZE_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    for number in range(FRAMES):
        write_picture(np.full((64, 96, 3), number / FRAMES, np.float32), tmp_path / f"plate.{number:04d}.png")
    return tmp_path / "plate.%04d.png"


def played(job: RenderJob, monkeypatch: pytest.MonkeyPatch, seconds: float, frames: int = FRAMES) -> None:
    """Plays a run in which the first frame comes after 2 s, every pass works for `seconds` and the clock shows
    2 s and those of the slowest."""
    now = 0.0
    monkeypatch.setattr("stylize.jobs.earlier_runs.time.perf_counter", lambda: now)
    clock = RunClock(job, began=now)
    now = 2.0
    names = [*job.pass_names, "encode"]
    for name in names:
        for number in range(frames):
            clock.take(FrameDone(name, number))
    now += seconds
    for name in names:
        clock.take(PassFinished(name, seconds + (2 if name == names[0] else 0)))
    clock.keep()


def test_a_plan_is_told_by_the_run_before(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = RunSettings(size=64)
    job = plan_run(clip, tmp_path / "film.mp4", settings)
    assert expected_seconds(job) is None
    played(job, monkeypatch, seconds=12)
    assert expected_seconds(job) == pytest.approx(2 + 12)
    half = plan_run(clip, tmp_path / "half.mp4", settings.model_copy(update={"end": "12f"}))
    assert expected_seconds(half) == pytest.approx(2 + 6)
    slower = settings.model_copy(update={"steps": 9})
    assert expected_seconds(plan_run(clip, tmp_path / "other.mp4", slower)) is None


def test_what_was_stopped_or_short_teaches_nothing(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = plan_run(clip, tmp_path / "film.mp4", RunSettings(size=64))
    played(job, monkeypatch, seconds=12, frames=FRAMES - 1)
    assert expected_seconds(job) is None
    monkeypatch.setattr(earlier_runs, "LEAST_FRAMES", FRAMES + 1)
    played(job, monkeypatch, seconds=12)
    assert expected_seconds(job) is None


def test_a_damaged_note_is_none(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = plan_run(clip, tmp_path / "film.mp4", RunSettings(size=64))
    played(job, monkeypatch, seconds=12)
    earlier_runs._note(job).write_text('{"start": -1}')
    assert expected_seconds(job) is None


def test_a_run_that_writes_the_foreground_too_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its film is no pass: the frames of both were counted as one's, and no such run was whole."""
    scene = tmp_path / "scene.toml"
    scene.write_text('[backdrop]\ncolour = [0.2, 0.35, 0.9]\n[camera]\nsource = "locked"\n')
    asked = RunSettings(size=64, comp=scene, foreground=tmp_path / "cut.mov", start="0f", end=f"{FRAMES}f")
    job = plan_run(PLATE, tmp_path / "film.mp4", asked)
    names = [film.pass_name for film in job.films]
    assert len({*job.pass_names, *names}) == len(job.pass_names) + 2
    clock = RunClock(job)
    frames = {name: job.progress(name).frames for name in job.pass_names} | dict.fromkeys(names, FRAMES)
    for name, count in frames.items():
        for number in range(count):
            clock.take(FrameDone(name, number))
        clock.take(PassFinished(name, 1.0))
    clock.keep()
    assert expected_seconds(job) is not None
