"""glTF sets: reading them, and drawing them where projection says; without GL the drawing is skipped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from compositing.backdrop import choose_keys
from compositing.backdrop.gltf import read_gltf
from compositing.backdrop.stage import Stage, open_context
from compositing.camera.record import still_camera
from compositing.gltf import open_document, write_glb
from examples.greenscreen.build_set import write_set
from tests.compositing.studio import path

SQUARE = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], np.float32)
ORDER = np.array([0, 1, 2, 0, 2, 3], np.uint32)


def card(file: Path, shift: tuple[float, float, float], size: float, **material: Any) -> Path:
    """One square that faces the camera and shines."""
    table = {
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "translation": list(shift), "scale": [size] * 3}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1, "material": 0}]}],
        "materials": [
            {"emissiveFactor": [1, 1, 1], "pbrMetallicRoughness": {"baseColorFactor": [0, 0, 0, 1]}}
            | material
        ],
    }
    write_glb(file, table, [SQUARE, ORDER])
    return file


@pytest.fixture(scope="module")
def graphics() -> None:
    try:
        open_context().release()
    except ImportError as error:
        pytest.skip(str(error))


@pytest.mark.usefixtures("graphics")
@pytest.mark.parametrize("frame", [0, 20, 39])
def test_a_thing_is_drawn_where_it_is_seen(frame: int, tmp_path: Path) -> None:
    camera = path("translating", size=(320, 180))
    at = np.array([0.4, -0.3, -5.0])
    stage = Stage(read_gltf(card(tmp_path / "c.glb", (0.2, -0.15, -2.5), 0.05)), scale=2.0, sky=(0, 0, 0))
    light, depth = stage.render(camera.view(frame), 0)
    place, away = camera.view(frame).project(at[None])
    weight = light[..., 0]
    y, x = np.mgrid[:180, :320]
    centre = np.array([(weight * x).sum(), (weight * y).sum()]) / weight.sum()
    np.testing.assert_allclose(centre, place[0], atol=0.12)
    column, row = np.rint(place[0]).astype(int)
    assert depth[row, column] == pytest.approx(away[0], rel=0.005)
    assert np.isinf(depth[0, 0])
    assert weight.max() == pytest.approx(1.0, abs=0.01)


@pytest.mark.usefixtures("graphics")
def test_the_sun_lights_what_faces_it_and_casts_shadows(tmp_path: Path) -> None:
    """A floor under a small roof: its middle lies in the shade, its border in the sun."""
    floor = np.array([[-3, -1, -8], [3, -1, -8], [3, -1, -2], [-3, -1, -2]], np.float32)[::-1]
    roof = np.array([[-1, 0.4, -6], [1, 0.4, -6], [1, 0.4, -4], [-1, 0.4, -4]], np.float32)[::-1]
    table = {
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [
            {"primitives": [{"attributes": {"POSITION": k}, "indices": 2, "material": 0} for k in (0, 1)]}
        ],
        "materials": [{"doubleSided": True}],
    }
    write_glb(tmp_path / "s.glb", table, [floor.copy(), roof.copy(), ORDER])
    stage = Stage(read_gltf(tmp_path / "s.glb"), sun=(0, 1, 0), sun_strength=2.0, sky=(0.1, 0.1, 0.1))
    view = still_camera((320, 180), focal_mm=24).view(0)
    light, _ = stage.render(view, 0)
    spots = np.array([[0.0, -1.0, -5.0], [2.2, -1.0, -5.0]])
    (shade_x, shade_y), (sun_x, sun_y) = np.rint(view.project(spots)[0]).astype(int)
    assert light[sun_y, sun_x, 0] > 3 * light[shade_y, shade_x, 0] > 0


@pytest.mark.usefixtures("graphics")
def test_our_own_set_needs_one_picture_for_a_pan_and_a_few_for_a_move(tmp_path: Path) -> None:
    write_set(tmp_path / "set.glb")
    model = read_gltf(tmp_path / "set.glb")
    assert len(model.lamps) == 8
    stage = Stage(model)
    assert len(choose_keys(stage, path("rotation", size=(320, 180)))) == 1
    assert len(choose_keys(stage, path("translating", size=(320, 180)))) <= 5
    light, depth = stage.render(still_camera((320, 180)).view(0), 0)
    assert 0.15 < light.mean() < 0.8
    assert depth.min() > 0.5


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no glTF"),
        (b"glTF\x02\x00\x00\x00\xff\xff\x00\x00aaaaaaaaaaaa", "cut off"),
        (b'{"asset": {"version": "1.0"}}', "no glTF 2.0"),
        (b'{"asset": {"version": "2.0"}}', "shows nothing"),
        (b'{"asset": {"version": "2.0"}, "extensionsRequired": ["KHR_draco_mesh_compression"]}', "draco"),
        (b'{"asset": {"version": "2.0"}, "buffers": [{"uri": "gone.bin"}]}', "gone.bin is missing"),
        (b'{"asset": {"version": "2.0"}, "buffers": [{"uri": "../secret"}]}', "missing"),
    ],
)
def test_broken_files_say_so(data: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "set.glb").write_bytes(data)
    with pytest.raises(ValueError, match=says):
        read_gltf(tmp_path / "set.glb")


def test_a_file_whose_data_end_early_is_broken(tmp_path: Path) -> None:
    card(tmp_path / "c.glb", (0, 0, -1), 1.0)
    document = open_document(tmp_path / "c.glb")
    table = json.loads(json.dumps(document.table))
    table["accessors"][0]["count"] = 4000
    table["buffers"] = [{"uri": "data.bin", "byteLength": 72}]
    (tmp_path / "data.bin").write_bytes(document.buffers[0])
    (tmp_path / "c.gltf").write_text(json.dumps(table))
    with pytest.raises(ValueError, match="end early"):
        read_gltf(tmp_path / "c.gltf")


def test_without_moderngl_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "moderngl", None)
    with pytest.raises(ImportError, match=r"stylize\[camera\]"):
        open_context()
