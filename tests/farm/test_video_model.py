"""A video model draws 70 frames: the film of one machine, in any chunks, on Ray and by Open Job Description."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stylize import footage, pipeline
from stylize.cli import main
from stylize.config.read_settings import read_settings
from stylize.farm.cluster import ResourceRequest, cluster
from stylize.farm.driver import DriveSettings, drive
from stylize.farm.job_access import load_run
from stylize.footage import probe, read_frames
from stylize.footage.clip import Clip, Frame, Pixels
from stylize.jobs.job import RenderJob
from stylize.jobs.manifest import save_job
from stylize.jobs.plan_run import plan_run
from tests.farm.test_export import openjd

FRAMES = 70
SETTINGS: dict[str, Any] = {
    "steps": 1, "guidance": 1.0, "device": "cpu", "precision": "fp32", "offline": True, "window": 9, "overlap": 1,
    "deflicker": 0.0, "repair": "off",
}  # fmt: skip


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A square crosses grain, 48x32; one shot."""
    path = tmp_path_factory.mktemp("video clip") / "crossing.mp4"
    ground = np.random.default_rng(5).random((32, 48, 3), np.float32) / 2

    def frames() -> Iterator[Frame]:
        for index in range(FRAMES):
            picture = ground.copy()
            picture[8:24, index // 2 : index // 2 + 12] = (0.9, 0.6, 0.2)
            yield Frame(index, index, picture)

    film = Clip(path, 48, 32, Fraction(24), Fraction(1, 24), FRAMES)
    footage.write_film(frames(), path, film, audio=False)
    path.with_suffix(".csv").write_text(f"start,end\n0,{FRAMES}\n")
    return path


@pytest.fixture(scope="module")
def plan(clip: Path, pipelines: Callable[[str], Path]) -> Callable[[Path], RenderJob]:
    folder = pipelines("wan-vace")

    def planned(out: Path) -> RenderJob:
        settings = read_settings(model=str(folder), shots=clip.with_suffix(".csv"), **SETTINGS)
        return plan_run(clip, out, settings)

    return planned


@pytest.fixture(scope="module")
def whole(plan: Callable[[Path], RenderJob], tmp_path_factory: pytest.TempPathFactory) -> list[Pixels]:
    """The film of one machine."""
    return pictures(pipeline.run(plan(tmp_path_factory.mktemp("whole") / "film.mp4")).path)


def pictures(film: Path) -> list[Pixels]:
    return [frame.pixels for frame in read_frames(probe(film))]


def test_ray_makes_the_film_of_one_machine(
    plan: Callable[[Path], RenderJob], whole: list[Pixels], tmp_path: Path
) -> None:
    job = plan(tmp_path / "film.mp4")
    save_job(job)
    with cluster(None, 2, ResourceRequest()):
        assert drive([str(job.run_dir)], load_run, DriveSettings(workers=2, chunk_size=17))[0].done
    found = pictures(job.film.path)
    assert len(found) == FRAMES
    assert all(np.array_equal(a, b) for a, b in zip(found, whole, strict=True))


def test_open_job_description_makes_the_film_of_one_machine(
    plan: Callable[[Path], RenderJob],
    whole: list[Pixels],
    clip: Path,
    pipelines: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    jobs = tmp_path / "jobs.toml"
    asked = {
        **SETTINGS, "clip": str(clip), "out": "film.mp4", "shots": str(clip.with_suffix(".csv")),
        "model": str(pipelines("wan-vace")),
    }  # fmt: skip
    spelled = {True: "true", False: "false"}
    lines = [f"{key} = {spelled.get(value, value) if not isinstance(value, str) else repr(value)}"
             for key, value in asked.items()]  # fmt: skip
    jobs.write_text("[[job]]\n" + "\n".join(lines))
    assert main(["farm", "export", str(jobs), "-o", str(tmp_path), "--chunk", "40", "-q"]) == 0
    parameters = f"file://{tmp_path / 'film.parameters.json'}"
    program = Path(sys.executable).with_name("stylize")
    done = openjd("run", tmp_path / "film.template.json", "-p", parameters, "-p", f"Stylize={program}")
    assert done.returncode == 0, done.stdout[-3000:]
    assert all(np.array_equal(a, b) for a, b in zip(pictures(tmp_path / "film.mp4"), whole, strict=True))
