"""Jobs on a real Ray cluster, embedded: the same film, frames that fail, dead and silent workers, two jobs."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from stylize import pipeline
from stylize.cli import main
from stylize.errors import Interrupted, StylizeError, UsageError, VersionMismatch
from stylize.events import Event, FrameDone, Note
from stylize.farm.cluster import ResourceRequest, cluster
from stylize.farm.driver import DriveSettings, drive
from stylize.farm.failures import read_failures
from stylize.farm.scheduler import RetryRules
from stylize.footage import probe, read_frames
from stylize.footage.write_stills import write_png
from stylize.jobs.batch import read_jobs
from stylize.report.film_report import report_file
from tests.farm.conftest import write_jobs
from tests.farm.standin import DiesElsewhere, Elsewhere, load, write_job


@pytest.fixture(scope="module", autouse=True)
def ray() -> Iterator[object]:
    """One cluster for all: Ray takes seconds to start."""
    with cluster(None, 3, ResourceRequest()) as ray:
        yield ray


def pictures(film: Path) -> list[np.ndarray]:
    return [frame.pixels for frame in read_frames(probe(film))]


def films_are_equal(a: Path, b: Path) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(pictures(a), pictures(b), strict=True))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The film of thirty frames as one process makes it."""
    run = tmp_path_factory.mktemp("whole") / "run"
    job = load(write_job(run, 30))
    for name in ("draw", "calm"):
        pipeline.run_pass(job, name, lambda event: None, lambda: False)
    pipeline.finish(job, lambda event: None, lambda: False)
    return job.film.path


@pytest.mark.parametrize(("workers", "chunk"), [(1, 7), (2, 5), (3, 1)])
def test_the_same_film_whoever_makes_it(tmp_path: Path, whole: Path, workers: int, chunk: int) -> None:
    run = write_job(tmp_path / "run", 30)
    events: list[Event] = []
    results = drive([run], load, DriveSettings(workers=workers, chunk_size=chunk), events.append)
    assert results[0].done
    assert films_are_equal(load(run).film.path, whole)
    made = [(e.name, e.index) for e in events if isinstance(e, FrameDone) and e.name != "encode"]
    assert sorted(made) == [(name, n) for name in ("calm", "draw") for n in range(30)]


def test_a_frame_that_always_fails_costs_only_what_is_made_from_it(tmp_path: Path) -> None:
    run = write_job(tmp_path / "run", 30, ills={17: "raise"}, first_number=1001)
    events: list[Event] = []
    results = drive([run], load, DriveSettings(workers=2, chunk_size=6), events.append)
    job = load(run)
    assert not results[0].done
    assert results[0].quarantine == {("draw", 17): "ValueError: the paint is off"}
    assert job.segments[0].store("draw").missing(range(30)) == [17]
    assert job.segments[0].store("calm").missing(range(30)) == [15, 16, 17, 18, 19]
    assert not job.film.path.exists()
    notes = [event.text for event in events if isinstance(event, Note)]
    assert notes == ["Frame 1018 of draw cannot be made and is left out: ValueError: the paint is off"]
    (failure,) = read_failures(job)
    assert (failure.step, failure.frame, failure.what) == ("draw", 17, "ValueError: the paint is off")
    mended = write_job(tmp_path / "run", 30, first_number=1001)
    assert drive([mended], load, DriveSettings(workers=2))[0].done
    assert read_failures(job) == []


def test_a_frame_that_kills_workers_is_left_out(tmp_path: Path) -> None:
    run = write_job(tmp_path / "run", 12, ills={5: "die"})
    result = drive([run], load, DriveSettings(workers=2, chunk_size=12))[0]
    assert list(result.quarantine) == [("draw", 5)]
    assert "the worker died" in result.quarantine["draw", 5]
    assert load(run).segments[0].store("draw").missing(range(12)) == [5]


def test_dead_and_silent_workers_are_replaced(tmp_path: Path, whole: Path) -> None:
    run = write_job(tmp_path / "run", 30, ills={3: "die once", 20: "stop once", 22: "raise once"})
    began = time.monotonic()
    result = drive([run], load, DriveSettings(workers=2, chunk_size=8, rules=RetryRules(lease_s=3)))[0]
    assert result.done
    assert time.monotonic() - began < 60
    assert films_are_equal(load(run).film.path, whole)


def test_two_jobs_share_the_workers_and_fail_alone(tmp_path: Path, whole: Path) -> None:
    good = write_job(tmp_path / "good", 30, name="good")
    bad = write_job(tmp_path / "bad", 12, name="bad", ills={0: "raise"})
    events: list[Event] = []
    results = drive([bad, good], load, DriveSettings(workers=3, chunk_size=4), events.append)
    assert [result.done for result in results] == [False, True]
    assert films_are_equal(load(good).film.path, whole)
    assert {e.name for e in events if isinstance(e, FrameDone)} >= {"good.mp4 draw", "bad.mp4 draw"}


def test_two_runs_at_once_in_one_cluster(tmp_path: Path) -> None:
    runs = [write_job(tmp_path / name, 24, name=name, seconds=0.02) for name in ("a", "b")]
    results: list[bool] = []

    def one(run: str) -> None:
        results.extend(each.done for each in drive([run], load, DriveSettings(workers=1, chunk_size=4)))

    threads = [threading.Thread(target=one, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True, True]


def test_a_stopped_run_goes_on(tmp_path: Path, whole: Path) -> None:
    run = write_job(tmp_path / "run", 30, seconds=0.01)
    seen: list[Event] = []
    with pytest.raises(Interrupted):
        drive([run], load, DriveSettings(workers=2, chunk_size=4), seen.append, lambda: len(seen) > 12)
    job = load(run)
    before = {
        file.name: file.stat().st_mtime_ns for file in job.segments[0].store("draw").folder.glob("*.png")
    }
    assert before
    assert drive([run], load, DriveSettings(workers=2, chunk_size=4))[0].done
    after = {
        file.name: file.stat().st_mtime_ns for file in job.segments[0].store("draw").folder.glob("*.png")
    }
    assert {name: after[name] for name in before} == before
    assert films_are_equal(job.film.path, whole)
    assert drive([run], load, DriveSettings())[0].done  # and the film is known again


def test_frames_that_vanish_are_made_again(tmp_path: Path, whole: Path) -> None:
    run = write_job(tmp_path / "run", 30, seconds=0.01)
    job = load(run)
    gone: list[int] = []

    def listen(event: Event) -> None:
        if isinstance(event, FrameDone) and event.name == "calm" and not gone:
            job.segments[0].store("draw").forget(26)
            gone.append(26)

    assert drive([run], load, DriveSettings(workers=1, chunk_size=4), listen)[0].done
    assert films_are_equal(job.film.path, whole)


@pytest.mark.parametrize(
    "error",
    [
        UsageError("This is no run folder, or this machine cannot see it.", where="/run", hint="share it"),
        VersionMismatch("The job was planned with torch 1.0, and this machine has 2.15."),
    ],
)
def test_a_worker_that_cannot_work_raises_its_own_error(tmp_path: Path, error: StylizeError) -> None:
    run = write_job(tmp_path / "run", 12)
    with pytest.raises(type(error), match=error.what) as caught:
        drive([run], Elsewhere(error), DriveSettings(workers=2))
    assert (caught.value.where, caught.value.hint) == (error.where, error.hint)


def test_a_run_whose_workers_all_die_while_they_start_is_given_up(tmp_path: Path) -> None:
    run = write_job(tmp_path / "run", 12)
    rules = RetryRules(first_failures=2)
    with pytest.raises(StylizeError, match="No worker can start: the worker died"):
        drive([run], DiesElsewhere(), DriveSettings(workers=1, rules=rules))


def test_a_full_disk_ends_the_job_and_not_the_next_attempt(tmp_path: Path, whole: Path) -> None:
    run = write_job(tmp_path / "run", 30, ills={8: "full once"})
    result = drive([run], load, DriveSettings(workers=1, chunk_size=4))[0]
    assert not result.done
    assert "The disk is full." in str(result.reason)
    assert "free some room" in str(result.reason)
    assert load(run).segments[0].store("draw").has(7)
    assert drive([run], load, DriveSettings(workers=1, chunk_size=4))[0].done
    assert films_are_equal(load(run).film.path, whole)


def test_a_run_waits_for_a_licence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cluster has none: nobody works, and the run says what it waits for."""
    run = write_job(tmp_path / "run", 12)
    seen: list[Event] = []
    request = ResourceRequest(resources={"licence": 1})
    began = time.monotonic()

    def stop() -> bool:
        return any(isinstance(event, Note) for event in seen) or time.monotonic() - began > 30

    monkeypatch.setattr("stylize.farm.driver.NO_WORKER_NOTE_S", 0.5)
    with pytest.raises(Interrupted):
        drive([run], load, DriveSettings(request=request), seen.append, stop)
    notes = [event.text for event in seen if isinstance(event, Note)]
    assert notes == ["No worker yet: waiting for a node with room for one (1 CPU, licence)."]


def test_the_command_makes_the_film_of_one_machine(
    clip: Path, shot_list: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = write_jobs(tmp_path, clip, shot_list)
    job = read_jobs(file, {}, str(tmp_path / "one"))[0].plan()
    pipeline.run(job)
    alone = pictures(job.film.path)
    job.film.path.unlink()
    words = ["farm", "run", str(file), "--workers", "2", "--chunk", "5"]
    assert main(words) == 0
    said = capfd.readouterr()
    assert said.out.splitlines()[1].split()[:2] == ["film", "done"]
    assert "style: 13 frames" in said.err
    for a, b in zip(pictures(job.film.path), alone, strict=True):
        np.testing.assert_array_equal(a, b)
    run_dir = tmp_path / "jobs.stylize" / "film"
    assert sorted(each.name for each in run_dir.iterdir()) == ["consent.json", "film.json", "run.json"]
    page = report_file(job.film.path)
    text = page.read_text()
    assert "stylize farm run" in text
    assert "Time by pass" in text
    page.unlink()
    assert main(["farm", "run", str(run_dir), "-q"]) == 0  # it is known to be done
    assert not page.exists()  # its frames are gone


def test_a_report_that_was_cut_off_is_written_by_the_next_run(
    clip: Path, shot_list: Path, tmp_path: Path
) -> None:
    file = write_jobs(tmp_path, clip, shot_list)
    job = read_jobs(file, {}, None)[0].plan()
    page = report_file(job.film.path)
    assert main(["farm", "run", str(file), "--workers", "2", "--keep", "--no-report", "-q"]) == 0
    assert not page.exists()
    assert main(["farm", "run", str(file), "-y", "--keep", "-q"]) == 0  # the film and its frames are there
    assert page.exists()


def test_a_missing_plate_is_named_and_the_run_can_be_mended(
    tmp_path: Path, clip: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for index, pixels in enumerate(pictures(clip)):
        write_png(tmp_path / f"plate.{1001 + index}.png", pixels, 8)
    (tmp_path / "shots.csv").write_text("start,end\n0,8\n8,13\n")
    file = write_jobs(tmp_path, tmp_path / "plate.####.png", tmp_path / "shots.csv")
    assert main(["farm", "export", str(file), "-o", str(tmp_path), "-q"]) == 0  # it is planned now
    plate = tmp_path / "plate.1011.png"
    good = plate.read_bytes()
    plate.write_bytes(good[:100])
    run = str(tmp_path / "jobs.stylize" / "film")
    assert main(["farm", "run", run, "-q"]) == 2  # it is not what was planned
    assert "has changed since it was planned" in capfd.readouterr().err
    plate.unlink()
    assert main(["farm", "run", run, "--chunk", "6", "--tries", "2"]) == 1
    said = capfd.readouterr()
    assert "frame 1011 of style" in said.out
    assert not (tmp_path / "film.mp4").exists()
    assert main(["farm", "status", run, "--json"]) == 0
    state = json.loads(capfd.readouterr().out)
    assert [each["done"] for each in state["passes"]] == [12, 12, 12]
    assert [(each["step"], each["frame"]) for each in state["failures"]] == [("style", 10)]
    plate.write_bytes(good)
    assert main(["farm", "run", run, "-q"]) == 0
    assert (tmp_path / "film.mp4").exists()
