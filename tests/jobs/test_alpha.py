"""Films of clips with alpha: cut out as their clips are, where the form holds alpha."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from stylize import pipeline
from stylize.config.settings import RunSettings
from stylize.footage import probe, read_frames
from stylize.footage.alpha import scaled_to
from stylize.footage.exr import read_exr, write_exr
from stylize.footage.read_alpha import read_alpha
from stylize.footage.seen import checks, pick_seen
from stylize.footage.write_stills import write_png
from stylize.jobs.job import RenderJob
from stylize.jobs.plan_run import plan_run
from stylize.jobs.plan_steadying import plan_steadying
from stylize.report.pictures_seen import look
from tests.narrow import write_narrow_checkpoint

FRAMES = 3
OUTPUTS = {"png": "out.%06d.png", "exr": "out.%06d.exr", "prores": "out.mov"}


def picture(number: int) -> np.ndarray:
    """A disc that moves on, soft at its edge, straight colours: (48, 64, 4)."""
    rows, columns = np.mgrid[:48, :64].astype(np.float32)
    away = np.hypot(rows - 24, columns - 24 - 5 * number)
    rgb = np.stack([0.2 + rows / 96, 0.7 - columns / 200, 0.3 + 0 * rows], axis=2)
    return np.concatenate([rgb, np.clip((18 - away) / 6, 0, 1)[..., None]], axis=2).astype(np.float32)


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    for number in range(FRAMES):
        write_png(tmp_path / f"plate.{number:06d}.png", picture(number), 16)
    return tmp_path / "plate.%06d.png"


def planned(plate: Path, out: Path, **settings: object) -> RenderJob:
    model = write_narrow_checkpoint(plate.parent / "model")
    asked = RunSettings(
        model=str(model), strength=0.01, steps=1, size=64, precision="fp32", device="cpu", controls=(),
        **settings,
    )  # fmt: skip
    return plan_run(plate, out, asked)


def drawn(plate: Path, out: Path, **settings: object) -> Path:
    job = planned(plate, out, **settings)
    pipeline.run(job)
    return job.film.path


@pytest.mark.parametrize("form", OUTPUTS)
def test_a_drawing_is_cut_out_as_its_clip_is(form: str, plate: Path, tmp_path: Path) -> None:
    film = probe(drawn(plate, tmp_path / OUTPUTS[form], format=form))
    assert film.has_alpha
    for number, plane in enumerate(read_alpha(film, range(FRAMES))):
        assert plane == pytest.approx(picture(number)[..., 3], abs=0.006)


def test_a_film_without_alpha_shows_it_on_white(plate: Path, tmp_path: Path) -> None:
    film = probe(drawn(plate, tmp_path / "out.mp4"))
    assert not film.has_alpha
    for number, frame in enumerate(read_frames(film)):
        off = 1 - frame.pixels[picture(number)[..., 3] == 0]
        assert np.quantile(off, 0.99) < 0.03
        assert off.max() < 0.1  # beside the edge, where coded colour has half of the film's size


def test_alpha_is_enlarged_with_its_film() -> None:
    plane = np.tile(np.linspace(0, 1, 8, dtype=np.float32), (6, 1))
    assert scaled_to(plane, (12, 16)).shape == (12, 16)
    assert np.diff(scaled_to(plane, (12, 16))[5]).min() >= 0


def test_edges_show_nothing_of_the_ground(plate: Path, tmp_path: Path) -> None:
    """Steadying a film by itself draws it as it is: the colours of soft edges are the clip's own again."""
    job = plan_steadying(plate, plate, tmp_path / OUTPUTS["png"], RunSettings(format="png16"))
    pipeline.run(job)
    stored = cv2.imread(str(tmp_path / "out.000001.png"), cv2.IMREAD_UNCHANGED) / 65535
    due = picture(1)
    soft = due[..., 3] > 0.3
    assert np.abs(stored[..., [2, 1, 0]] - due[..., :3])[soft].max() < 0.02


def test_light_of_openexr_comes_back_as_it_was(tmp_path: Path) -> None:
    light = picture(0).copy()
    light[..., :3] *= light[..., 3:]
    light[:4, :4] = (0.4, 0.4, 0.4, 0)  # a glow, which has no alpha
    for number in range(FRAMES):
        write_exr(tmp_path / f"light.{number}.exr", light, pixel_aspect=1)
    plate = tmp_path / "light.%d.exr"
    job = plan_steadying(plate, plate, tmp_path / OUTPUTS["exr"], RunSettings(format="exr"))
    pipeline.run(job)
    written = tmp_path / "out.000001.exr"
    assert read_exr(written) == pytest.approx(light[..., :3], abs=4e-3)
    (plane,) = read_alpha(probe(tmp_path / OUTPUTS["exr"]), [1])
    assert plane == pytest.approx(light[..., 3], abs=2e-3)


GROUNDS = {"mp4": ("out.mp4", np.ones((48, 64, 3))), "prores": ("out.mov", checks(48, 64))}
GROUNDS["png"] = (OUTPUTS["png"], checks(48, 64))


@pytest.mark.parametrize("form", GROUNDS)
def test_a_preview_lies_on_the_ground_of_its_film(form: str, plate: Path, tmp_path: Path) -> None:
    name, ground = GROUNDS[form]
    off, on = picture(1)[..., 3] == 0, picture(1)[..., 3] == 1
    source, result = pipeline.draw_frame(planned(plate, tmp_path / name, format=form), 1)
    for shown in (source, result):
        assert np.abs(shown - ground)[off].max() < 1e-6
    assert np.abs(source - picture(1)[..., :3])[on].max() < 1e-3


@pytest.mark.parametrize("form", GROUNDS)
def test_a_report_shows_the_ground_of_its_film(form: str, plate: Path, tmp_path: Path) -> None:
    name, ground = GROUNDS[form]
    job = plan_steadying(plate, plate, tmp_path / name, RunSettings(format=form))
    pipeline.run(job, keep=True)
    for seen in look(job, (64, 48)):
        off = picture(seen.number)[..., 3] == 0
        for shown in seen.pictures.values():
            assert np.quantile(np.abs(shown - ground)[off], 0.98) < 0.03
        assert np.abs(seen.drawn_on["source"] - ground)[off].max() > 0.1  # measured as it is drawn


def test_light_is_laid_over_the_checks_with_its_glow(tmp_path: Path) -> None:
    light = np.zeros((48, 64, 4), np.float32)
    light[:4, :4] = (0.4, 0.4, 0.4, 0)  # a glow, which has no alpha
    light[20:, 20:] = (0.1, 0.2, 0.3, 1)
    write_exr(tmp_path / "light.0.exr", light, pixel_aspect=1)
    (frame,) = pick_seen(probe(tmp_path / "light.%d.exr"), [0], (64, 48))
    assert (frame.pixels[:4, :4] > checks(48, 64)[:4, :4] + 0.05).all()
    assert frame.pixels[4:20] == pytest.approx(checks(48, 64)[4:20], abs=1e-3)
    assert frame.pixels[20:, 20:] == pytest.approx(np.full((28, 44, 3), (0.35, 0.484, 0.584)), abs=3e-3)
