"""Bit depth from end to end: what comes in with ten bits goes out with more than 256 levels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stylize import pipeline
from stylize.config.settings import RunSettings
from stylize.footage import probe, read_frames
from stylize.footage.exr import write_exr
from stylize.footage.transfer import linear_from_srgb
from stylize.footage.write_stills import write_png
from stylize.jobs.job import RenderJob
from stylize.jobs.plan_comp import plan_comp
from stylize.jobs.plan_run import plan_run
from stylize.jobs.plan_steadying import plan_steadying
from tests.narrow import write_narrow_checkpoint

WIDTH, HEIGHT, FRAMES = 1024, 48, 3
TEN_BITS = 1023
OUTPUTS = {"exr": "out.%06d.exr", "png16": "out.%06d.png", "prores": "out.mov"}
SCENE = """
[key]
matte = "mattes"
[camera]
source = "locked"
[merge]
wrap = 0
grade = 0
shadow = 0
match_grain = false
"""


def ramp() -> np.ndarray:
    """A grey ramp of all 1,024 codes of ten bits, (height, width, 3)."""
    codes = np.linspace(0, 1, WIDTH, dtype=np.float32)
    return np.repeat(np.tile(codes, (HEIGHT, 1))[..., None], 3, axis=2)


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    for number in range(FRAMES):
        write_png(tmp_path / f"plate.{number:06d}.png", ramp(), 16)
    return tmp_path / "plate.%06d.png"


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """The whole plate is the subject."""
    (tmp_path / "mattes").mkdir()
    for number in range(FRAMES):
        write_png(tmp_path / "mattes" / f"{number:06d}.png", np.ones((HEIGHT, WIDTH, 1), np.float32), 8)
    (tmp_path / "scene.toml").write_text(SCENE)
    return tmp_path / "scene.toml"


def first_frame(job: RenderJob, overwrite: bool = False) -> np.ndarray:
    pipeline.run(job, overwrite=overwrite)
    return next(read_frames(probe(job.film.path))).pixels


def levels(picture: np.ndarray) -> int:
    """How many values green has along a row, told apart as ten bits tell them."""
    return len(np.unique(np.rint(picture[HEIGHT // 2, :, 1] * TEN_BITS)))


@pytest.mark.parametrize("form", OUTPUTS)
def test_a_comp_without_drawing_keeps_ten_bits(form: str, plate: Path, scene: Path, tmp_path: Path) -> None:
    job = plan_comp(plate, scene, tmp_path / OUTPUTS[form], RunSettings(format=form, audio=False))
    assert job.segments[0].depth == "16"
    picture = first_frame(job)
    assert levels(picture) > 800  # ProRes and chroma cost a few
    nearest = 1 if form != "prores" else 6
    assert np.abs(picture - ramp()).max() * TEN_BITS <= nearest


def test_light_from_exr_to_exr_is_kept_as_half_floats(scene: Path, tmp_path: Path) -> None:
    for number in range(FRAMES):
        write_exr(tmp_path / f"light.{number:06d}.exr", linear_from_srgb(ramp()), pixel_aspect=1.0)
    settings = RunSettings(format="exr", audio=False)
    job = plan_comp(tmp_path / "light.%06d.exr", scene, tmp_path / OUTPUTS["exr"], settings)
    assert job.segments[0].depth == "half"
    picture = first_frame(job)
    assert levels(picture) > 800
    assert np.abs(picture - ramp()).max() * TEN_BITS <= 1


@pytest.mark.parametrize("form", OUTPUTS)
def test_drawing_and_finish_keep_more_than_eight_bits(form: str, plate: Path, tmp_path: Path) -> None:
    model = write_narrow_checkpoint(tmp_path / "model")
    settings = RunSettings(
        model=str(model),
        format=form,
        strength=0.01,
        steps=1,
        size=64,
        precision="fp32",
        device="cpu",
        controls=(),
    )
    job = plan_run(plate, tmp_path / OUTPUTS[form], settings)
    assert job.segments[0].depth == "16"
    assert levels(first_frame(job)) > 256


def test_steadying_keeps_ten_bits(plate: Path, tmp_path: Path) -> None:
    job = plan_steadying(plate, plate, tmp_path / "out.%06d.png", RunSettings(format="png16"))
    assert levels(first_frame(job)) > 1000


def test_eight_bits_are_kept_as_eight(plate: Path, tmp_path: Path) -> None:
    for number in range(FRAMES):
        write_png(tmp_path / f"small.{number:06d}.png", ramp(), 8)
    for form, name, depth in (("mp4", "a.mp4", "8"), ("png", "a.%06d.png", "8"), ("exr", "a.%06d.exr", "16")):
        settings = RunSettings(format=form, device="cpu")
        job = plan_run(tmp_path / "small.%06d.png", tmp_path / name, settings)
        assert job.segments[0].depth == depth
    deep = plan_run(plate, tmp_path / "b.mp4", RunSettings(device="cpu"))
    assert deep.segments[0].depth == "16"
    shallow = plan_run(tmp_path / "small.%06d.png", tmp_path / "b.mp4", RunSettings(device="cpu"))
    assert all(
        deep.segments[0].fingerprints[name] != print_
        for name, print_ in shallow.segments[0].fingerprints.items()
    )
