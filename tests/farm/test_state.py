"""Seeing a run and mending it, from its run folder alone."""

from __future__ import annotations

import json
import os

import pytest

from stylize import pipeline
from stylize.cli import main
from stylize.farm.failures import write_failure
from stylize.farm.status import read_status, speed_of
from stylize.jobs.manifest import save_job
from stylize.passes.runner import make
from tests.farm.conftest import CUT, FRAMES


def test_a_run_under_way(planned, capfd: pytest.CaptureFixture[str]) -> None:
    job = planned()
    save_job(job)
    style = job.parts[0].steps[0]
    list(make(job, style, range(6)))
    for number in range(6):
        os.utime(job.store("style").path(number), (1000 + 2 * number,) * 2)
    write_failure(job.run_dir, "style", 7, "the paint is off", "node7, process 12")
    write_failure(job.run_dir, "style", 3, "an old grudge", "node7, process 12")  # made since
    found = read_status(job, now=1012)
    assert [(p.name, p.frames, p.done) for p in found.passes][:2] == [
        ("style", FRAMES, 6),
        ("repair", FRAMES, 0),
    ]
    first = found.passes[0]
    assert (first.rate, first.quiet_s, first.left_s) == (0.5, 2, 14)
    assert [(f.step, f.frame, f.what) for f in found.failures] == [("style", 7, "the paint is off")]
    assert not found.is_done
    assert main(["farm", "status", str(job.run_dir)]) == 0
    said = capfd.readouterr().out
    assert "failed: frame 7 of style: the paint is off (node7, process 12)" in said
    assert "(not made yet)" in said
    assert main(["farm", "status", str(job.run_dir), "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["passes"][0]["done"] == 6


@pytest.mark.parametrize(
    ("stamps", "now", "expected"),
    [
        ([], 0.0, (None, None)),
        ([5.0], 6.0, (None, 1.0)),
        ([0.0, 2.0, 4.0], 5.0, (0.5, 1.0)),
        ([0.0, 2.0, 4.0], 400.0, (None, 396.0)),  # at rest
        ([0.0, 0.0], 1.0, (None, 1.0)),  # a storage that does not say when
    ],
)
def test_speed(stamps: list[float], now: float, expected: tuple[float | None, float | None]) -> None:
    assert speed_of(stamps, now) == expected


def test_a_finished_run_is_known_without_its_frames(planned) -> None:
    job = planned()
    pipeline.run(job, remember=True)
    assert [each.name for each in sorted(job.run_dir.iterdir())] == ["film.json", "run.json"]
    found = read_status(planned())
    assert found.is_done
    assert all(each.done == each.frames for each in found.passes)


def test_frames_are_taken_back_with_what_was_made_from_them(
    planned, capfd: pytest.CaptureFixture[str]
) -> None:
    job = planned()
    pipeline.run(job, keep=True)
    before = job.store("finish").path(10).read_bytes()
    assert main(["farm", "retry", str(job.run_dir), "--frames", "10", "--pass", "cel"]) == 0
    said = capfd.readouterr().out.splitlines()
    assert said == ["cel: 10", f"steady: {CUT}-{FRAMES - 1}", f"finish: {CUT}-{FRAMES - 1}"]
    assert job.store("style").has(10)
    assert job.store("finish").has(CUT - 1)  # a cut is a wall
    assert not job.store("finish").has(10)
    assert not (job.run_dir / "film.json").exists()
    pipeline.run(planned(), keep=True, overwrite=True)
    assert job.store("finish").path(10).read_bytes() == before


def test_retry_of_what_is_not_there(planned, capfd: pytest.CaptureFixture[str]) -> None:
    job = planned()
    save_job(job)
    assert main(["farm", "retry", str(job.run_dir), "--frames", "all"]) == 0
    assert "none of these frames was there" in capfd.readouterr().err
    assert main(["farm", "retry", str(job.run_dir), "--frames", "1", "--pass", "nap"]) == 2
    assert "its passes are style, repair" in capfd.readouterr().err
