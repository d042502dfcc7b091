"""Mattes that a scene is given are part of what its key is known by."""

from __future__ import annotations

from pathlib import Path

import pytest

from stylize.config.read_settings import read_settings
from stylize.errors import UsageError
from stylize.footage import probe
from stylize.jobs.plan_comp import plan_comp

PLATE = Path(__file__).resolve().parents[2] / "examples" / "greenscreen.mp4"
SCENE = """
[key]
matte = "{}"
[camera]
source = "locked"
"""


def test_mattes_that_are_painted_again_key_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder, network, file = tmp_path / "mattes", tmp_path / "my.onnx", tmp_path / "scene.toml"
    folder.mkdir()
    for number in range(probe(PLATE).frame_count):
        (folder / f"m.{number:04d}.png").write_bytes(b"painted")
    network.write_bytes(b"weights")

    def key(matte: str) -> str:
        file.write_text(SCENE.format(matte))
        (segment,) = plan_comp(PLATE, file, tmp_path / "film.mp4", read_settings()).segments
        return segment.fingerprints["comp"]

    screen = key("screen")
    for matte, read in (
        ("mattes", folder / "m.0003.png"),
        ("mattes/m.%04d.png", folder / "m.0004.png"),
        ("rembg:my.onnx", network),
    ):
        before = key(matte)
        read.write_bytes(b"painted again")
        assert key(matte) != before
    assert key("screen") == screen
    with pytest.raises(UsageError, match="no mattes here"):
        key("nowhere")
