"""`farm status` and `farm retry`: a run is known and repaired from its run folder alone."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from stylize import pipeline
from stylize.cli import main
from stylize.errors import UsageError
from stylize.farm.failures import read_failures, write_failure
from stylize.farm.status import read_status, speed_of
from stylize.jobs.manifest import save_job
from stylize.passes.runner import make
from tests.farm.conftest import CUT, FRAMES


def test_a_run_under_way(planned, capfd: pytest.CaptureFixture[str]) -> None:
    job = planned()
    save_job(job)
    style = job.segments[0].passes[0]
    list(make(job.segments[0], style, range(6)))
    for number in range(6):
        os.utime(job.segments[0].store("style").path(number), (1000 + 2 * number,) * 2)
    write_failure(job.run_dir, "style", 7, "the paint is off", "node7, process 12")
    write_failure(job.run_dir, "style", 3, "an older error", "node7, process 12")  # made since
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
    assert [each.name for each in sorted(job.run_dir.iterdir())] == ["consent.json", "film.json", "run.json"]
    found = read_status(planned())
    assert found.is_done
    assert all(each.done == each.frames for each in found.passes)


def test_frames_are_taken_back_with_what_was_made_from_them(
    planned, capfd: pytest.CaptureFixture[str]
) -> None:
    job = planned()
    pipeline.run(job, keep=True)
    before = job.segments[0].store("finish").path(10).read_bytes()
    assert main(["farm", "retry", str(job.run_dir), "--frames", "10", "--pass", "cel"]) == 0
    said = capfd.readouterr().out.splitlines()
    assert said == ["cel: 10", f"steady: {CUT}-{FRAMES - 1}", f"finish: {CUT}-{FRAMES - 1}"]
    assert job.segments[0].store("style").has(10)
    assert job.segments[0].store("finish").has(CUT - 1)  # nothing is made across a cut
    assert not job.segments[0].store("finish").has(10)
    assert not (job.run_dir / "film.json").exists()
    pipeline.run(planned(), keep=True, overwrite=True)
    assert job.segments[0].store("finish").path(10).read_bytes() == before


def test_retry_of_what_is_not_there(planned, capfd: pytest.CaptureFixture[str]) -> None:
    job = planned()
    save_job(job)
    assert main(["farm", "retry", str(job.run_dir), "--frames", "all"]) == 0
    assert "none of these frames is in the run folder" in capfd.readouterr().err
    assert main(["farm", "retry", str(job.run_dir), "--frames", "1", "--pass", "nap"]) == 2
    assert "its passes are style, repair" in capfd.readouterr().err


@pytest.mark.parametrize(
    "content",
    [
        "no JSON",
        "[]",
        '{"step": "style", "frame": 7}',
        '{"step": "../../style", "frame": 7, "what": "it names a path"}',
        '{"step": ["style"], "frame": 7, "what": "its pass is no text"}',
        '{"step": "style", "frame": 7.0, "what": "its frame is no whole number"}',
        '{"step": "style", "frame": "../7", "what": "its frame is a path"}',
        '{"step": "style", "frame": 70000, "what": "the clip has no such frame"}',
        '{"step": "style", "frame": 7, "what": "it has an unknown field", "run": 1}',
    ],
)
def test_failure_files_of_others_are_left_out(planned, content: str) -> None:
    job = planned()
    (job.run_dir / "failures").mkdir(parents=True)
    (job.run_dir / "failures" / "style.000007.json").write_text(content)
    (job.run_dir / "failures" / "folder.json").mkdir()
    assert read_failures(job) == []
    write_failure(job.run_dir, "style", 7, "the paint is off")
    assert [failure.what for failure in read_failures(job)] == ["the paint is off"]


def test_failures_that_never_end_are_not_read(planned, tmp_path: Path) -> None:
    job = planned()
    folder = job.run_dir / "failures"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "pipe.json")
    (folder / "zeros.json").symlink_to("/dev/zero")
    with (folder / "large.json").open("wb") as file:
        file.truncate(100 << 30)
    assert read_failures(job) == []
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="outside the run folder"):
        read_failures(job)


def test_a_failure_gives_the_terminal_no_commands(planned, capfd: pytest.CaptureFixture[str]) -> None:
    job = planned()
    save_job(job)
    write_failure(job.run_dir, "style", 7, "the paint\x1b[2J is off")
    assert main(["farm", "status", str(job.run_dir)]) == 0
    assert "\x1b" not in capfd.readouterr().out


def test_retry_removes_nothing_outside_the_run_folder(
    planned, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A run folder of somebody else, in which a pass's folder is a link to pictures that have numbers for names."""
    job = planned()
    save_job(job)
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "000003.png").write_bytes(b"a picture")
    folder = job.segments[0].store("style").folder
    folder.parent.mkdir(parents=True)
    folder.symlink_to(pictures)
    assert main(["farm", "retry", str(job.run_dir), "--frames", "all"]) == 2
    assert "lies outside the run folder" in capfd.readouterr().err
    assert (pictures / "000003.png").exists()
    (job.run_dir / "failures").symlink_to(pictures)
    with pytest.raises(UsageError, match="lies outside the run folder"):
        write_failure(job.run_dir, "style", 3, "it would be written elsewhere")


@pytest.mark.parametrize("asked", [("work", None), (None, "cuda")])
def test_what_a_run_folder_has_decided_cannot_be_asked_for(
    tmp_path: Path, asked: tuple[str | None, str | None]
) -> None:
    from stylize.cli.farm.jobs import load_jobs

    with pytest.raises(UsageError, match="is for a list of jobs"):
        load_jobs(str(tmp_path), False, *asked, remote=True)
