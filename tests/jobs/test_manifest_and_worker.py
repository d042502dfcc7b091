"""The one worker: any chunks, any order, the same frames; what is missing is named; idempotent."""

from __future__ import annotations

import itertools
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stylize import pipeline
from stylize.cli import main
from stylize.errors import NotReady, UsageError, VersionMismatch
from stylize.footage import probe, read_frames
from stylize.jobs.job import Segment
from stylize.jobs.manifest import load_job, save_job
from stylize.jobs.path_map import parse_rules
from stylize.passes.runner import make, reads
from tests.farm.conftest import CUT, FRAMES
from tests.narrow import write_narrow_checkpoint

PASSES = ("style", "repair", "cel", "steady", "finish")


def pictures(part: Segment) -> dict[str, list[bytes]]:
    return {step.name: [part.store(step.name).path(n).read_bytes() for n in step.frames.numbers]
            for step in part.passes}  # fmt: skip


def chunks(size: int, first: int) -> list[range]:
    edges = [0, *range(first, FRAMES, size), FRAMES]
    return [range(a, b) for a, b in itertools.pairwise(edges)]


@pytest.mark.parametrize("settings", [{}, {"batch": 3, "cadence": "twos", "hold": "glide"}])
def test_frames_do_not_depend_on_chunks(planned, tmp_path: Path, settings: dict[str, object]) -> None:
    job = planned("whole.mp4", **settings)
    pipeline.run(job, keep=True)
    (whole,) = job.segments
    for size, first in ((1, 1), (5, 2)):
        (part,) = planned(f"by {size}.mp4", **settings).segments
        for step in part.passes:
            for chunk in reversed(chunks(size, first)):
                assert all(number in chunk for number in make(part, step, chunk))
            step.close()
        assert pictures(part) == pictures(whole), size


def test_a_job_is_loaded_from_its_record(planned) -> None:
    job = planned(cadence="twos", hold="glide", control=None, seed=7)
    mark = save_job(job)
    again = load_job(job.run_dir, expect=mark)
    (segment,), (first,) = again.segments, job.segments
    assert segment.fingerprints == first.fingerprints
    assert [step.settings() for step in segment.passes] == [step.settings() for step in first.passes]
    assert (again.clip, again.shots, segment.sheet, again.films) == (
        job.clip,
        job.shots,
        first.sheet,
        job.films,
    )


def test_the_record_of_a_run_that_goes_on_stays_what_it_was(planned) -> None:
    """When it goes on, another sentence says why it is drawn as it is."""
    job = planned()
    (segment,) = job.segments
    records = set()
    for why in ("Drawn by torch: no export.", "Drawn by torch, as this run was begun."):
        save_job(replace(job, segments=(replace(segment, spec=replace(segment.spec, why_drawn_so=why)),)))
        records.add((job.run_dir / "run.json").read_bytes())
    assert len(records) == 1


@pytest.mark.parametrize("mark", ["/etc", "../..", "0123456789abcdeg", ""])
@pytest.mark.parametrize("to_look", [False, True])
def test_a_record_cannot_name_folders_by_its_fingerprints(planned, mark: str, to_look: bool) -> None:
    """Frames are written to and removed from folders of these names: a stranger's record must not choose them."""
    job = planned()
    save_job(job)
    record = json.loads((job.run_dir / "run.json").read_text())
    record["job"]["segments"][0]["fingerprints"]["style"] = mark
    (job.run_dir / "run.json").write_text(json.dumps(record))
    with pytest.raises(UsageError, match="fingerprints that are none"):
        load_job(job.run_dir, to_look=to_look)


def test_a_record_of_other_frames_makes_none(planned) -> None:
    """Fingerprints are built anew from what the record says: one that does not belong to it is noticed."""
    job = planned()
    save_job(job)
    record = json.loads((job.run_dir / "run.json").read_text())
    record["job"]["segments"][0]["spec"]["config"]["seed"] = 8
    (job.run_dir / "run.json").write_text(json.dumps(record))
    with pytest.raises(UsageError, match="has changed since it was planned"):
        load_job(job.run_dir)
    assert load_job(job.run_dir, to_look=True).segments[0].fingerprints == job.segments[0].fingerprints


def test_footage_and_weights_must_be_those_that_were_planned(planned, clip: Path, tmp_path: Path) -> None:
    """A clip that was graded anew under its name, or a checkpoint trained on: half a film would be of each."""
    model = write_narrow_checkpoint(tmp_path / "model")
    plate = tmp_path / "plate.mp4"
    shutil.copy(clip, plate)
    job = planned(model=str(model))
    save_job(replace(job, clip=replace(job.clip, path=plate)))
    assert load_job(job.run_dir).clip.path == plate
    plate.write_bytes(plate.read_bytes() + b"\0")
    with pytest.raises(UsageError, match=r"plate\.mp4: What this run is made from has changed"):
        load_job(job.run_dir)
    assert load_job(job.run_dir, to_look=True).clip.path == plate
    plate.unlink()  # whoever reads it says that it is missing
    load_job(job.run_dir)
    scheduler = model / "scheduler" / "scheduler_config.json"
    scheduler.write_text(scheduler.read_text() + " ")
    with pytest.raises(UsageError, match=r"model: What this run is made from has changed"):
        load_job(job.run_dir)


@pytest.mark.parametrize("change", [{"phase": 1000}, {"pts": []}, {"rate": "0"}, {"pts": [0, 1]}])
def test_a_record_of_impossible_telecine_is_refused(planned, change: dict[str, object]) -> None:
    job = planned()
    save_job(job)
    record = json.loads((job.run_dir / "run.json").read_text())
    down = {"kind": "2:3", "order": "tff", "phase": 0, "rate": "30", "time_base": "1/30", "pts": [*range(15)]}
    record["job"]["clip"]["pulldown"] = down | change
    (job.run_dir / "run.json").write_text(json.dumps(record))
    with pytest.raises(UsageError, match="do not lie in those of its file"):
        load_job(job.run_dir, to_look=True)


def test_missing_inputs_are_named(planned) -> None:
    (part,) = planned().segments
    steps = {step.name: step for step in part.passes}
    list(make(part, steps["style"], range(5)))
    with pytest.raises(
        NotReady, match=r"3 frames of style that repair is made from are missing: 5, 6, 7"
    ) as caught:
        list(make(part, steps["repair"], [3]))
    assert caught.value.frames == tuple(range(5, CUT))


def test_nothing_is_read_across_a_cut(planned) -> None:
    (part,) = planned().segments
    steady = next(step for step in part.passes if step.name == "steady")
    shot = range(CUT, FRAMES)
    assert reads(part, steady, shot, range(0, 1)) == {"cel": list(range(CUT, FRAMES))}


def test_frames_that_are_there_are_left_alone(planned) -> None:
    (part,) = planned().segments
    style = part.passes[0]
    assert list(make(part, style, [2, 4])) == [2, 4]
    before = part.store("style").path(2).stat().st_mtime_ns
    assert list(make(part, style, range(6))) == [0, 1, 3, 5]
    assert part.store("style").path(2).stat().st_mtime_ns == before


def test_the_command_makes_the_film_pass_by_pass(planned, capfd: pytest.CaptureFixture[str]) -> None:
    whole, job = planned("whole.mp4"), planned("by command.mp4")
    pipeline.run(whole)
    mark, run = save_job(job), str(job.run_dir)
    for name in PASSES:
        for frames in ("7-12", "0-12x2", "all"):
            wanted = "all" if name in ("repair", "steady") else frames
            assert main(["worker", name, wanted, run, "--expect", mark, "-q"]) == 0
    capfd.readouterr()
    assert main(["worker", "encode", "all", run, "--openjd"]) == 0
    assert capfd.readouterr().out.splitlines()[-1] == "openjd_progress: 100.0"
    for a, b in zip(read_frames(probe(whole.film.path)), read_frames(probe(job.film.path)), strict=True):
        np.testing.assert_array_equal(a.pixels, b.pixels)
    written = job.film.path.stat().st_mtime_ns
    assert main(["worker", "encode", "all", run, "-q"]) == 0  # the film is there already
    assert job.film.path.stat().st_mtime_ns == written


def test_the_film_is_not_made_of_missing_frames(planned, capfd: pytest.CaptureFixture[str]) -> None:
    job = planned()
    save_job(job)
    assert main(["worker", "encode", "all", str(job.run_dir), "--openjd"]) == 1
    said = capfd.readouterr()
    assert "13 frames of finish that the film is made from are missing" in said.err
    assert "openjd_fail: " in said.out
    assert not job.film.path.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["worker", "style", "all", "no such folder"], 2, "no run folder, or this machine cannot see it"),
        (["worker", "styl", "all", "RUN"], 2, "no pass 'styl'"),
        (["worker", "style", "1-100:8", "RUN"], 2, "read in two ways"),
        (["worker", "style", "5-50", "RUN"], 2, "no frame 13"),
        (["worker", "style", "9-5", "RUN"], 2, "hold nothing"),
        (["worker", "style", "all", "RUN", "--expect", "0" * 16], 2, "holds another job by now"),
        (["worker", "style", "all", "RUN", "--map", "here"], 2, "maps nothing"),
    ],
)
def test_tasks_that_are_refused(
    planned, arguments: list[str], code: int, sentence: str, capfd: pytest.CaptureFixture[str]
) -> None:
    job = planned()
    save_job(job)
    assert main([str(job.run_dir) if each == "RUN" else each for each in arguments]) == code
    assert sentence in capfd.readouterr().err


def test_another_version_is_refused(planned) -> None:
    job = planned()
    save_job(job)
    file = job.run_dir / "run.json"
    record = json.loads(file.read_text())
    record["made_by"]["torch"] = "1.0"
    file.write_text(json.dumps(record))
    with pytest.raises(VersionMismatch, match=r"planned with torch 1\.0, and this machine has 2"):
        load_job(job.run_dir)


def test_the_program_may_lie_elsewhere_on_another_machine(planned) -> None:
    job = planned()
    save_job(job)
    record = json.loads((job.run_dir / "run.json").read_text())
    assert record["job"]["segments"][0]["spec"]["config"]["checkpoint"] == "{stylize}/models/mini"


def test_folders_may_lie_elsewhere_on_another_machine(planned, tmp_path: Path, clip: Path) -> None:
    job = planned()
    save_job(job)
    rules = tmp_path / "rules.json"
    rule = {"source_path_format": "POSIX", "source_path": str(clip.parent), "destination_path": "/mnt/plates"}
    rules.write_text(json.dumps({"version": "pathmapping-1.0", "path_mapping_rules": [rule]}))
    for paths in (parse_rules([f"{clip.parent}=/mnt/plates"]), parse_rules([], rules)):
        assert load_job(job.run_dir, paths).clip.path == Path("/mnt/plates/crossing.mp4")
    assert parse_rules(["P:\\Plates=/mnt/p"]).apply("p:\\plates\\a\\b.png") == "/mnt/p/a/b.png"
    assert parse_rules(["/mnt/p=/x"]).apply("/mnt/plates/a.png") == "/mnt/plates/a.png"
    with pytest.raises(UsageError, match="cannot be read"):
        parse_rules([], clip)
