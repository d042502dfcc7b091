"""What a user can cause is a `CompositingError`: a sentence and a hint, whatever reads or works it out."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from compositing.camera.formats import read_camera
from compositing.errors import CompositingError, NoScreen, UnreadableFile
from compositing.gltf import read_model


def test_an_error_has_a_sentence_and_a_hint_and_survives_a_process() -> None:
    error = pickle.loads(pickle.dumps(NoScreen("No green screen is in this shot.", hint="pick its colour")))
    assert isinstance(error, NoScreen)
    assert (error.what, error.hint) == ("No green screen is in this shot.", "pick its colour")
    assert str(error) == "No green screen is in this shot. (pick its colour)"
    assert str(CompositingError("It is broken.")) == "It is broken."


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.json", '{"kind": "compositing camera", "camera_to_world_m": [[1, 2], [3]]}'),
        ("c.json", '[{"transforms": [{"translation": {"x": "far"}}]}]'),
        ("c.json", '[{"transforms": 3}]'),
        ("c.gltf", '{"asset": {"version": "2.0"}, "buffers": [1]}'),
        ("c.gltf", '{"asset": {"version": "2.0"}, "buffers": [{"uri": "data:;base64,%%%a"}]}'),
        ("c.gltf", '{"asset": {"version": "2.0"}, "nodes": [{"camera": 7}]}'),
    ],
)
def test_no_broken_camera_file_ends_in_another_error(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UnreadableFile):
        read_camera(tmp_path / name)


@pytest.mark.parametrize("words", ["1 PINHOLE many 100 1 1 1 1\n", "1 PINHOLE 100 100 1\n", "1\n"])
def test_no_broken_colmap_model_ends_in_another_error(words: str, tmp_path: Path) -> None:
    (tmp_path / "cameras.txt").write_text(words)
    (tmp_path / "images.txt").write_text("1 1 0 0 0 0 0 0 1 a.png\n\n")
    with pytest.raises(UnreadableFile):
        read_camera(tmp_path)


@pytest.mark.parametrize(
    "table", ['"meshes": [{}], "nodes": [{"mesh": 0}]', '"nodes": [{"mesh": 1}]', '"nodes": [1]']
)
def test_no_broken_set_ends_in_another_error(table: str, tmp_path: Path) -> None:
    (tmp_path / "set.gltf").write_text(f'{{"asset": {{"version": "2.0"}}, {table}}}')
    with pytest.raises(UnreadableFile):
        read_model(tmp_path / "set.gltf")
