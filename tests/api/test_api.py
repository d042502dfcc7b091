"""The functions that Python programs call: one import, explicit settings, arrays in and out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import stylize
from stylize.errors import UsageError
from stylize.events import Event, FrameDone
from stylize.footage import probe
from tests.test_pipeline import FRAMES, clip, model  # noqa: F401

QUICK = {"steps": 1, "size": 64, "precision": "fp32", "device": "cpu", "offline": True}


def test_importing_costs_next_to_nothing() -> None:
    program = (
        "import sys; before = set(sys.modules); import stylize; "
        "heavy = {'torch', 'numpy', 'cv2', 'pydantic', 'av'} & (set(sys.modules) - before); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    for name in stylize.__all__:
        value = getattr(stylize, name)
        assert name == "__version__" or value.__doc__, name
    assert set(stylize.__all__) <= set(dir(stylize))
    with pytest.raises(AttributeError):
        _ = stylize.no_such_name


def test_a_clip_is_planned_drawn_and_told_of(clip: Path, model: Path, tmp_path: Path) -> None:  # noqa: F811
    events: list[Event] = []
    job = stylize.plan(clip, tmp_path / "film.mp4", model=str(model), cadence="twos", **QUICK)
    assert not job.run_dir.exists()
    film = stylize.run(job, listener=events.append, report=True)
    assert film.path == tmp_path / "film.mp4"
    assert film.frames == probe(film.path).frame_count == FRAMES
    assert any(isinstance(event, FrameDone) and event.name == "style" for event in events)
    assert "stylize.run(" in (tmp_path / "film.mp4.report.html").read_text()
    with pytest.raises(UsageError, match="own output and settings"):
        stylize.run(job, seed=3)


def test_nothing_is_read_that_was_not_given(
    clip: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stylize.toml").write_text("seed = 8\n")
    monkeypatch.setattr("stylize.config.read_settings.PROJECT_FILE", Path("stylize.toml"))
    monkeypatch.setenv("STYLIZE_STYLE", "cel")
    config = stylize.plan(clip, tmp_path / "film.mp4", **QUICK).segments[0].spec.config
    assert (config.style, config.seed) == ("anime", 0)
    asked = stylize.read_settings(**QUICK)
    config = stylize.plan(clip, tmp_path / "film.mp4", settings=asked, strength=0.5).segments[0].spec.config
    assert (config.style, config.seed, config.strength) == ("cel", 8, 0.5)


@pytest.mark.parametrize("named", [{"sead": 3}, {"strength": 7}, {"cadence": "fours"}])
def test_settings_that_cannot_be_meant(named: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=next(iter(named))):
        stylize.plan("clip.mp4", **named)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("frames", [None, 2])
def test_pictures_come_back_as_they_were_given(model: Path, dtype: type, frames: int | None) -> None:  # noqa: F811
    shape = (48, 80, 3) if frames is None else (frames, 48, 80, 3)
    picture = np.random.default_rng(0).random(shape)
    given = (picture * 255).astype(np.uint8) if dtype == np.uint8 else picture.astype(np.float32)
    drawn = stylize.draw(given, model=str(model), **QUICK)
    assert (drawn.shape, drawn.dtype) == (given.shape, given.dtype)
    assert np.abs(drawn.astype(float) - given).mean() > 0.01  # it was drawn
    np.testing.assert_array_equal(drawn, stylize.draw(given, model=str(model), **QUICK))


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((8, 8), np.float32),
        np.zeros((8, 8, 4), np.uint8),
        np.zeros((8, 8, 3), np.float64),
        np.full((8, 8, 3), 2, np.float32),
        np.full((8, 8, 3), np.nan, np.float32),
    ],
)
def test_arrays_that_are_no_pictures(wrong: np.ndarray) -> None:
    with pytest.raises(UsageError, match=r"picture"):
        stylize.draw(wrong)


def test_a_plate_is_keyed_and_a_film_deflickered(tmp_path: Path) -> None:
    plate = Path(__file__).resolve().parents[2] / "examples" / "greenscreen.mp4"
    written = stylize.key(plate, matte=tmp_path / "matte.%06d.png", start="20f", end="23f")
    assert written == [tmp_path / "matte.%06d.png"]
    assert len(list(tmp_path.glob("matte.*.png"))) == 3
    with pytest.raises(UsageError, match="nothing to write"):
        stylize.key(plate)
    with pytest.raises(UsageError, match="frames, its source"):
        stylize.deflicker(plate, plate, tmp_path / "calm.mp4", end="4f")


def test_a_preview_is_written(clip: Path, model: Path, tmp_path: Path) -> None:  # noqa: F811
    picture = stylize.preview(clip, "3f", tmp_path / "three.png", model=str(model), **QUICK)
    assert picture.is_file()
    with pytest.raises(UsageError, match="is not drawn"):
        stylize.preview(clip, "0f", tmp_path / "no.png", start="2f", model=str(model), **QUICK)


def test_a_preview_of_a_sequence_has_its_own_number_alone(
    clip: Path,  # noqa: F811
    model: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    picture = stylize.preview(clip, "3f", format="png", model=str(model), **QUICK)
    assert picture == Path(f"{clip.stem}.anime.000003.png")


def test_frames_may_be_kept_in_object_storage(clip: Path, model: Path, tmp_path: Path) -> None:  # noqa: F811
    pytest.importorskip("upath")
    job = stylize.plan(clip, tmp_path / "film.mp4", work_dir="memory://runs/film", model=str(model), **QUICK)
    assert str(job.run_dir).startswith("memory://")
