"""glTF sets: reading them, and drawing them where projection says; without GL the drawing is skipped."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from compositing.backdrop import ModelBackdrop, choose_key_views
from compositing.camera.record import still_camera
from compositing.errors import MissingPackage, UnreadableFile
from compositing.gltf import open_document, read_model, write_glb
from compositing.gltf.document import Room
from compositing.gltf.texture import picture_size
from compositing.opengl.context import check_opengl, open_context
from compositing.opengl.scene import Daylight, Placement, screen_matrix, sun_matrix
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
    except MissingPackage as error:
        pytest.skip(str(error))


@pytest.mark.usefixtures("graphics")
@pytest.mark.parametrize("frame", [0, 20, 39])
def test_a_thing_is_drawn_where_it_is_seen(frame: int, tmp_path: Path) -> None:
    camera = path("translating", size=(320, 180))
    at = np.array([0.4, -0.3, -5.0])
    model = read_model(card(tmp_path / "c.glb", (0.2, -0.15, -2.5), 0.05))
    backdrop = ModelBackdrop(model, Placement(scale=2.0), Daylight(sky=(0, 0, 0)))
    light, depth = backdrop.render(camera.view(frame), 0)
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
    daylight = Daylight(towards_sun=(0, 1, 0), strength=2.0, sky=(0.1, 0.1, 0.1))
    backdrop = ModelBackdrop(read_model(tmp_path / "s.glb"), daylight=daylight)
    view = still_camera((320, 180), focal_mm=24).view(0)
    light, _ = backdrop.render(view, 0)
    spots = np.array([[0.0, -1.0, -5.0], [2.2, -1.0, -5.0]])
    (shade_x, shade_y), (sun_x, sun_y) = np.rint(view.project(spots)[0]).astype(int)
    assert light[sun_y, sun_x, 0] > 3 * light[shade_y, shade_x, 0] > 0


@pytest.mark.usefixtures("graphics")
def test_our_own_set_needs_one_picture_for_a_pan_and_a_few_for_a_move(tmp_path: Path) -> None:
    write_set(tmp_path / "set.glb")
    model = read_model(tmp_path / "set.glb")
    assert len(model.lamps) == 8
    backdrop = ModelBackdrop(model)
    assert len(choose_key_views(backdrop, path("rotation", size=(320, 180)))) == 1
    assert len(choose_key_views(backdrop, path("translating", size=(320, 180)))) <= 5
    light, depth = backdrop.render(still_camera((320, 180)).view(0), 0)
    assert 0.15 < light.mean() < 0.8
    assert depth.min() > 0.5


@pytest.mark.usefixtures("graphics")
def test_two_models_do_not_mix(tmp_path: Path) -> None:
    """Each has an OpenGL context of its own, which must be the current one when it is drawn."""
    view = still_camera((160, 90)).view(0)
    models = [
        read_model(card(tmp_path / f"{name}.glb", (shift, 0, -3.0), 0.3))
        for name, shift in (("left", -0.8), ("right", 0.8))
    ]
    alone = [ModelBackdrop(model).render(view, 0)[0] for model in models]
    together = [ModelBackdrop(model) for model in models]
    for _ in range(2):
        for backdrop, expected in zip(together, alone, strict=True):
            np.testing.assert_array_equal(backdrop.render(view, 0)[0], expected)
    assert not np.array_equal(*alone)


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
    with pytest.raises(UnreadableFile, match=says):
        read_model(tmp_path / "set.glb")


def picture(side: int, kind: str) -> str:
    """A grey picture as a uri."""
    coded = cv2.imencode(kind, np.full((side, 2 * side, 3), 128, np.uint8))[1].tobytes()
    return f"data:;base64,{base64.b64encode(coded).decode()}"


def textured(file: Path, *images: str, used: tuple[int, ...]) -> Path:
    """One square for each of the pictures `used`, with a material of its own."""
    part = {"attributes": {"POSITION": 0}, "indices": 1}
    table = {
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [part | {"material": at} for at in range(len(used))]}],
        "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": at}}} for at in used],
        "textures": [{"source": at} for at in range(len(images))],
        "images": [{"uri": uri} for uri in images],
    }
    write_glb(file, table, [SQUARE, ORDER])
    return file


def test_a_picture_is_decoded_once_and_only_if_it_is_used(tmp_path: Path) -> None:
    file = textured(tmp_path / "a.glb", picture(8, ".png"), "data:,no picture", used=(0, 0))
    one, other = (mesh.material.texture for mesh in read_model(file).meshes)
    assert one is other
    assert one is not None
    assert one.shape == (8, 16, 4)


def test_a_set_is_held_as_far_as_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of its parts for itself is small enough."""
    pictures = [picture(8, kind) for kind in (".png", ".jpg", ".bmp")]
    files = [textured(tmp_path / f"{count}.glb", *pictures, used=tuple(range(count))) for count in (1, 2, 3)]
    corners, texture = 4 * 12 + 6 * 4, 8 * 16 * 16
    for count, file in enumerate(files, start=1):
        due = count * (corners + texture)
        monkeypatch.setattr(Room, "__init__", lambda self, left=due: setattr(self, "left", left))
        assert len(read_model(file).meshes) == count
        monkeypatch.setattr(Room, "__init__", lambda self, left=due - 1: setattr(self, "left", left))
        with pytest.raises(UnreadableFile, match="more than can be held"):
            read_model(file)


@pytest.mark.parametrize("kind", [".png", ".jpg"])
def test_the_size_of_a_picture_is_read_off_its_header(kind: str) -> None:
    coded = cv2.imencode(kind, np.zeros((30, 50, 3), np.uint8))[1].tobytes()
    assert picture_size(coded) == (50, 30)
    assert picture_size(coded[:10]) is None
    assert picture_size(b"") is None


def test_a_file_whose_data_end_early_is_broken(tmp_path: Path) -> None:
    card(tmp_path / "c.glb", (0, 0, -1), 1.0)
    document = open_document(tmp_path / "c.glb")
    table = json.loads(json.dumps(document.table))
    table["accessors"][0]["count"] = 4000
    table["buffers"] = [{"uri": "data.bin", "byteLength": 72}]
    (tmp_path / "data.bin").write_bytes(document.buffers[0])
    (tmp_path / "c.gltf").write_text(json.dumps(table))
    with pytest.raises(UnreadableFile, match="end early"):
        read_model(tmp_path / "c.gltf")


def test_without_moderngl_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "moderngl", None)
    with pytest.raises(MissingPackage) as raised:
        open_context()
    assert "moderngl" in raised.value.what
    assert "stylize[camera]" in str(raised.value.hint)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingPackage, match="moderngl"):
        check_opengl()


def test_the_clip_matrix_agrees_with_projection() -> None:
    """Where OpenGL puts a point, in pixels counted from their middles, is where the view sees it."""
    view = path("translating", size=(320, 180)).view(17)
    points = np.array([[0.4, -0.3, -5.0], [-1.0, 0.5, -3.0]])
    clip = np.concatenate([points, np.ones((2, 1))], axis=1) @ screen_matrix(view).T
    seen = (clip[:, :2] / clip[:, 3:] * (1, -1) + 1) / 2 * (320, 180) - 0.5
    np.testing.assert_allclose(seen, view.project(points)[0], atol=1e-9)


def test_the_shadow_map_holds_the_model_and_looks_along_the_sun() -> None:
    towards = Daylight(towards_sun=(3.0, 4.0, 0.0)).direction
    np.testing.assert_allclose(towards, (0.6, 0.8, 0.0))
    points = np.random.default_rng(0).uniform(-2, 2, (500, 3)) + np.array([5.0, 0.0, -3.0])
    matrix = sun_matrix(points, towards)
    inside = points @ matrix[:3, :3].T + matrix[:3, 3]
    assert np.abs(inside).max() < 1
    along = matrix[:3, :3] @ towards
    np.testing.assert_allclose(along[:2], 0, atol=1e-12)
    assert along[2] < 0  # nearer to the sun is nearer to the map


def test_a_placement_scales_turns_and_moves() -> None:
    placement = Placement((1.0, 2.0, 3.0), heading_deg=90, scale=2.0)
    np.testing.assert_allclose(placement.points(np.array([[0.0, 0.0, -1.0]])), [[3.0, 2.0, 3.0]], atol=1e-12)
    np.testing.assert_allclose(placement.normals(np.array([[0.0, 0.0, -1.0]])), [[1.0, 0.0, 0.0]], atol=1e-12)
    assert not Daylight(towards_sun=(0.0, -1.0, 0.2)).uniforms()["sun_light"].any()
