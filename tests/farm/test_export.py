"""Exports: valid for Open Job Description, what they ask for, and one that is run for real."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stylize import pipeline
from stylize.cli import main
from stylize.config.read_settings import read_settings
from stylize.farm.openjd import Export, template
from stylize.footage import probe, read_frames
from stylize.jobs.analysis import analyse_clip
from stylize.jobs.plan_run import plan_parts
from tests.farm.conftest import ROOT, write_jobs
from tests.farm.standin import stand_in

OPENJD = Path(sys.executable).with_name("openjd")


def openjd(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(OPENJD), *map(str, words)], capture_output=True, text=True, cwd=ROOT)


@pytest.mark.parametrize("form", ["openjd", "deadline-bundle"])
@pytest.mark.parametrize("chunking", [True, False])
def test_an_export_is_valid(
    clip: Path, shot_list: Path, tmp_path: Path, form: str, chunking: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    file = write_jobs(tmp_path, clip, shot_list)
    words = ["farm", "export", str(file), "--format", form, "-o", str(tmp_path / "out"), "--chunk", "5"]
    assert main(words if chunking else [*words, "--no-chunk-extension"]) == 0
    written = Path(capfd.readouterr().out.strip())
    file = written if form == "openjd" else written / "template.json"
    checked = openjd("check", file)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    if form == "deadline-bundle":
        assets = json.loads((written / "asset_references.json").read_text())["assetReferences"]
        assert assets["inputs"]["filenames"] == [str(clip)]
        assert str(tmp_path) in assets["outputs"]["directories"]
        (value,) = json.loads((written / "parameter_values.json").read_text())["parameterValues"]
        assert value == {"name": "RunDir", "value": str(tmp_path / "jobs.stylize" / "film")}


def test_a_run_by_open_job_description_is_the_run_of_one_machine(
    clip: Path, shot_list: Path, tmp_path: Path
) -> None:
    file = write_jobs(tmp_path, clip, shot_list)
    assert main(["farm", "export", str(file), "-o", str(tmp_path), "--chunk", "7", "-q"]) == 0
    program = Path(sys.executable).with_name("stylize")
    parameters = f"file://{tmp_path / 'film.parameters.json'}"
    done = openjd("run", tmp_path / "film.template.json", "-p", parameters, "-p", f"Stylize={program}")
    assert done.returncode == 0, done.stdout[-3000:]
    assert "Chunks run: 7" in done.stdout  # three passes in two chunks each, and the film
    from stylize.jobs.batch import read_jobs

    one = read_jobs(file, {}, str(tmp_path / "one"))[0].plan()
    by_farm = [frame.pixels for frame in read_frames(probe(tmp_path / "film.mp4"))]
    pipeline.run(one, overwrite=True)
    for a, b in zip(by_farm, read_frames(probe(tmp_path / "film.mp4")), strict=True):
        np.testing.assert_array_equal(a, b.pixels)


def steps(made: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {step["name"]: step for step in made["steps"]}


def test_passes_depend_on_what_they_read(planned) -> None:
    made = steps(template(planned(), Export()))
    needs = {
        name: [each["dependsOn"] for each in step.get("dependencies", [])] for name, step in made.items()
    }
    assert needs == {
        "style": [],
        "repair": ["style"],
        "cel": ["repair"],
        "steady": ["cel"],
        "finish": ["steady"],
        "encode": ["finish"],
    }


def amounts_of(clip: Path, out: Path, **asked: Any) -> dict[str, dict[str, Any]]:
    """What every step of an export asks of its host."""
    settings = read_settings(device="cuda", size=64, **asked)
    parts = [(analyse_clip(clip, settings), settings)]
    plan = plan_parts(parts, out, settings, remote=True)
    return {
        name: {a["name"]: a["min"] for a in step["hostRequirements"]["amounts"]}
        for name, step in steps(template(plan, Export(cpus=4))).items()
    }


def test_a_gpu_is_asked_for_where_one_draws(clip: Path, tmp_path: Path) -> None:
    amounts = amounts_of(clip, tmp_path / "film.mp4")
    assert amounts["style"]["amount.worker.gpu"] == 1
    assert amounts["style"]["amount.worker.gpu.memory"] == amounts["style"]["amount.worker.memory"] > 900
    assert amounts["style"]["amount.worker.vcpu"] == 4
    assert "amount.worker.gpu" not in amounts["cel"]


@pytest.mark.parametrize(
    ("asked", "on_gpus"),
    [
        ({"repair": "auto"}, {"style", "repair", "steady"}),
        ({"repair": "report"}, {"style", "steady"}),
        ({"keys": 2}, {"style", "steady", "filled"}),
    ],
)
def test_every_pass_that_works_on_the_gpu_asks_for_one(
    clip: Path, tmp_path: Path, asked: dict[str, Any], on_gpus: set[str]
) -> None:
    """Also those that draw only now and then, and the steadying, which fuses drawings there."""
    amounts = amounts_of(clip, tmp_path / "film.mp4", **asked)
    assert {name for name, own in amounts.items() if "amount.worker.gpu" in own} == on_gpus


def test_frames_have_their_own_numbers_and_lists_stay_short(tmp_path: Path) -> None:
    job = stand_in(tmp_path / "run", 5000, first_number=1001)
    (frames,) = steps(template(job, Export()))["draw"]["parameterSpace"]["taskParameterDefinitions"]
    assert frames["range"] == "1001-6000"
    start, end = steps(template(job, Export(chunk_size=2, chunking=False)))["draw"]["parameterSpace"][
        "taskParameterDefinitions"
    ]
    assert len(start["range"]) == len(end["range"]) == 1000
    assert list(zip(start["range"], end["range"], strict=True))[-1] == (5996, 6000)


def test_an_export_is_not_replaced_without_overwrite(
    clip: Path, shot_list: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = write_jobs(tmp_path, clip, shot_list)
    words = ["farm", "export", str(file), "-o", str(tmp_path), "-q"]
    assert main(words) == 0
    assert main(words) == 2
    assert "This export exists" in capfd.readouterr().err
    assert main([*words, "-y"]) == 0
