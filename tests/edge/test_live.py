"""Live models: their files, their names, and films drawn with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import stylize
from stylize.config.settings import RunSettings
from stylize.edge.live.find import is_live_name, locate_live_model
from stylize.edge.live.generator import LiveDrawer
from stylize.edge.live.manifest import NAME, read_live_manifest
from stylize.errors import Interrupted, ModelError, UsageError
from stylize.footage import probe, read_frames
from stylize.footage.clip import Shot
from stylize.generators.load import load_generator
from stylize.generators.resolve import resolve_config
from tests.live_model import write_negative, write_pattern


@pytest.fixture
def negative(tmp_path: Path) -> Path:
    return write_negative(tmp_path / "negative")


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_a_picture_of_any_size_is_drawn_at_its_size(negative: Path, engine: str) -> None:
    drawer = LiveDrawer.load(negative, "float", engine)
    for height, width in ((33, 50), (64, 64), (5, 3)):
        picture = np.random.default_rng(height).random((height, width, 3)).astype(np.float32)
        np.testing.assert_allclose(drawer.draw(picture), 1 - picture, atol=1e-6)


def test_what_is_no_number_is_not_stored(tmp_path: Path) -> None:
    folder = write_negative(tmp_path / "broken", top=float("nan"))
    generator = load_generator(resolve_config(RunSettings(model=str(folder))))
    with pytest.raises(ModelError, match="Frame 3 came out of the network as no numbers"):
        generator.draw([np.zeros((16, 16, 3), np.float32)], [3], Shot(0, 4))


def test_a_changed_file_is_refused(negative: Path) -> None:
    file = negative / "float.onnx"
    file.write_bytes(file.read_bytes()[:-1] + b"\0")
    with pytest.raises(ModelError, match="not the one"):
        LiveDrawer.load(negative, "float", "onnxruntime")


def test_a_manifest_of_another_format_is_refused(negative: Path) -> None:
    file = negative / NAME
    file.write_text(file.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(ModelError, match="format 2"):
        read_live_manifest(negative)


def test_a_manifest_cannot_name_a_file_elsewhere(negative: Path) -> None:
    file = negative / NAME
    file.write_text(file.read_text().replace("float.onnx", "../float.onnx"))
    with pytest.raises(ModelError, match="not valid"):
        read_live_manifest(negative)


def test_names_of_live_models(negative: Path) -> None:
    assert is_live_name("live")
    assert is_live_name("live-l")
    assert is_live_name(str(negative))
    assert not is_live_name("mini")
    with pytest.raises(UsageError, match="no live model 's' of the style 'nobody'"):
        locate_live_model("live-s", "nobody")


def test_settings_that_are_trained_in_are_refused(negative: Path) -> None:
    with pytest.raises(UsageError, match="--steps"):
        resolve_config(RunSettings(model=str(negative), steps=4))
    with pytest.raises(UsageError, match="not in bf16"):
        resolve_config(RunSettings(model=str(negative), precision="bf16"))


def test_nothing_is_steadied_unless_it_is_asked_for(negative: Path) -> None:
    config = resolve_config(RunSettings(model=str(negative)))
    assert (config.runtime, config.deflicker, config.repair) == ("live", 0.0, "off")
    assert not config.finish.touches_the_cel
    assert config.size == 96
    assert resolve_config(RunSettings(model=str(negative), deflicker=0.5)).deflicker == 0.5


def test_a_film_is_drawn_and_resumed(negative: Path, tmp_path: Path) -> None:
    clip = write_pattern(tmp_path / "clip.mp4", frames=6, size=(64, 48))
    calls = iter([False, False, True])
    with pytest.raises(Interrupted):
        stylize.run(clip, tmp_path / "film.mp4", model=str(negative), stop=lambda: next(calls))
    stylize.run(clip, tmp_path / "film.mp4", model=str(negative))
    source, film = (
        [frame.pixels for frame in read_frames(probe(path))] for path in (clip, tmp_path / "film.mp4")
    )
    assert len(film) == 6
    for before, after in zip(source, film, strict=True):
        assert np.abs(after - (1 - before)).mean() < 0.03


def test_a_frame_depends_on_its_plate_alone(negative: Path) -> None:
    generator = load_generator(resolve_config(RunSettings(model=str(negative))))
    plates = list(np.random.default_rng(0).random((3, 24, 32, 3)).astype(np.float32))
    shot = Shot(0, 3)
    together = generator.draw(plates, [0, 1, 2], shot)
    alone = [generator.draw([plate], [2 - n], shot)[0] for n, plate in enumerate(plates)]
    np.testing.assert_array_equal(together, alone)
