"""Camera files: round trips, files by hand with known answers, and files that cannot be meant."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from compositing.camera.formats import read_camera, write_camera
from compositing.camera.record import Camera
from compositing.errors import CompositingError, InvalidCamera
from tests.compositing.studio import path

POINTS = np.array([[0.3, 0.2, -5.0], [-1.0, 0.6, -4.0], [0.5, -0.4, -7.0]])


def odd() -> Camera:
    """A camera with everything: it moves, zooms, and has a shift, a distortion, and a number to begin with."""
    camera = path("translating", frames=9, size=(960, 540))
    return replace(
        camera,
        focal_mm=np.linspace(30, 40, 9),
        fps=Fraction(24000, 1001),
        first_frame=1001,
        shift_mm=(0.4, -0.2),
        distortion=(-0.05, 0.01, 0.001, -0.002, 0.003),
    )


@pytest.mark.parametrize("name", ["c.json", "c.track.json", "c.usda", "c.usdc", "c.glb"])
def test_round_trips_keep_everything(name: str, tmp_path: Path) -> None:
    write_camera(odd(), tmp_path / name)
    back = read_camera(tmp_path / name)
    assert len(back) == 9
    assert (back.size, back.fps, back.first_frame) == ((960, 540), Fraction(24000, 1001), 1001)
    np.testing.assert_allclose(back.world, odd().world, atol=2e-6)
    np.testing.assert_allclose(back.focal_mm, odd().focal_mm, rtol=1e-6)
    np.testing.assert_allclose(back.film_back_mm, odd().film_back_mm, rtol=1e-6)
    np.testing.assert_allclose(back.shift_mm, odd().shift_mm, atol=1e-6)
    np.testing.assert_allclose(back.distortion, odd().distortion, atol=1e-9)


def test_a_chan_file_keeps_pose_and_field(tmp_path: Path) -> None:
    camera = replace(odd(), shift_mm=(0.0, 0.0), distortion=(0.0,) * 5)
    write_camera(camera, tmp_path / "c.chan")
    back = read_camera(tmp_path / "c.chan", size=camera.size, fps=camera.fps)
    np.testing.assert_allclose(back.world, camera.world, atol=1e-7)
    np.testing.assert_allclose(back.focal_mm, camera.focal_mm, rtol=1e-7)
    assert back.first_frame == 1001


def test_a_colmap_model_keeps_what_is_seen(tmp_path: Path) -> None:
    camera = replace(odd(), focal_mm=np.full(9, 32.0))
    write_camera(camera, tmp_path / "model")
    back = read_camera(tmp_path / "model", fps=camera.fps)
    home = np.linalg.inv(camera.world[0])
    moved = POINTS @ home[:3, :3].T + home[:3, 3]
    for frame in (0, 4, 8):
        np.testing.assert_allclose(
            back.view(frame).project(moved)[0], camera.view(frame).project(POINTS)[0], atol=1e-5
        )


def test_a_chan_line_by_hand(tmp_path: Path) -> None:
    """Ten units right, turned 90 degrees to the left; 2 atan(20.25 / 2 / 35) up."""
    field = 2 * np.rad2deg(np.arctan(20.25 / 70))
    (tmp_path / "c.chan").write_text(f"# a comment\n5 10 2 0 0 90 0 {field}\n6 10 2 0 0 90 0 {field}\n")
    camera = read_camera(tmp_path / "c.chan", size=(1920, 1080), unit="cm", film_back_mm=(36, 20.25))
    np.testing.assert_allclose(camera.view(0).position, (0.10, 0.02, 0))
    np.testing.assert_allclose(-camera.world[0, :3, 2], (-1, 0, 0), atol=1e-12)
    assert camera.focal_mm[0] == pytest.approx(35)


def test_usd_of_another_program(tmp_path: Path) -> None:
    """Centimetres, Z up, the camera under a moving parent, apertures in millimetres."""
    (tmp_path / "c.usda").write_text(
        """#usda 1.0
(
    metersPerUnit = 0.01
    upAxis = "Z"
    timeCodesPerSecond = 25
    startTimeCode = 1
    endTimeCode = 3
)
def Xform "rig" {
    double3 xformOp:translate.timeSamples = { 1: (0, 0, 150), 3: (100, 0, 150) }
    uniform token[] xformOpOrder = ["xformOp:translate"]
    def Camera "shot" {
        float focalLength = 50
        float horizontalAperture = 24.576
        float verticalAperture = 18.672
        double xformOp:rotateX = 90
        uniform token[] xformOpOrder = ["xformOp:rotateX"]
    }
}
"""
    )
    camera = read_camera(tmp_path / "c.usda", size=(1316, 1000))
    assert (len(camera), camera.first_frame, camera.fps) == (3, 1, 25)
    np.testing.assert_allclose(camera.view(1).position, (0.5, 1.5, 0), atol=1e-6)
    np.testing.assert_allclose(-camera.world[0, :3, 2], (0, 0, -1), atol=1e-6)  # +Y of Z-up is -Z of Y-up
    assert camera.field_deg[0] == pytest.approx(2 * np.rad2deg(np.arctan(24.576 / 100)), rel=1e-6)


def test_an_opentrackio_sample_by_hand(tmp_path: Path) -> None:
    """Two metres up, one ahead (+Y), panned 90 degrees counterclockwise: it looks along -X."""
    sample = {
        "transforms": [
            {"translation": {"x": 0, "y": 1, "z": 2}, "rotation": {"pan": 90, "tilt": 0, "roll": 0}}
        ],
        "lens": {"pinholeFocalLength": 24.0},
        "static": {"camera": {"captureFrameRate": {"num": 30000, "denom": 1001}}},
    }
    (tmp_path / "c.json").write_text(json.dumps(sample) + "\n" + json.dumps(sample) + "\n")
    camera = read_camera(tmp_path / "c.json", size=(1920, 1080))
    np.testing.assert_allclose(camera.view(0).position, (0, 2, -1), atol=1e-12)
    np.testing.assert_allclose(-camera.world[0, :3, 2], (-1, 0, 0), atol=1e-12)
    np.testing.assert_allclose(camera.world[0, :3, 1], (0, 1, 0), atol=1e-12)
    assert (len(camera), camera.fps, camera.focal_mm[0]) == (2, Fraction(30000, 1001), 24.0)


def test_the_unit_is_asked_for_where_metres_cannot_be_meant(tmp_path: Path) -> None:
    lines = [f"{k} {30 * k} 0 0 0 0 0 30" for k in range(5)]
    (tmp_path / "c.chan").write_text("\n".join(lines))
    with pytest.raises(InvalidCamera, match=r"720 m/s.*unit.*cm"):
        read_camera(tmp_path / "c.chan")
    camera = read_camera(tmp_path / "c.chan", unit="cm")
    assert camera.world[4, 0, 3] == pytest.approx(1.2)


def test_a_lens_in_the_wrong_unit_is_refused(tmp_path: Path) -> None:
    camera = replace(odd(), film_back_mm=(0.036, 0.02025), shift_mm=(0.0, 0.0))  # metres, not millimetres
    write_camera(camera, tmp_path / "c.json")
    with pytest.raises(InvalidCamera, match="film back in millimetres"):
        read_camera(tmp_path / "c.json")


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("c.chan", "1 0 0 0 0 0\n", "6 numbers"),
        ("c.chan", "1 0 0 0 0 0 zero\n", "no number"),
        ("c.chan", "1 0 0 0 0 0 0\n3 0 0 0 0 0 0\n", "goes on with frame 3"),
        ("c.chan", "", "empty"),
        ("c.json", "{", "neither JSON"),
        ("c.json", "{}", "holds no camera"),
        ("c.json", '{"kind": "compositing camera"}', "lacks"),
        ("c.usda", "not usd", "cannot be read"),
        ("c.usda", "#usda 1.0\n", "no camera"),
        ("c.gltf", '{"asset": {"version": "2.0"}}', "no perspective camera"),
        ("c.glb", "glTF", "cut off"),
        ("c.glb", "something else", "no glTF"),
        ("c.fbx", "", "is not named"),
        ("images.txt", "", "lacks"),
    ],
)
def test_broken_files_say_what_is_wrong(name: str, text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(CompositingError, match=says):
        read_camera(tmp_path / name)


def test_a_parent_moves_a_gltf_camera(tmp_path: Path) -> None:
    from compositing.camera.formats.gltf import write
    from compositing.gltf import open_document, write_glb

    write(path("rotation", frames=5), tmp_path / "c.glb")
    document = open_document(tmp_path / "c.glb")
    arrays = [document.accessor(number) for number in range(3)]
    table = {
        key: value
        for key, value in document.table.items()
        if key not in ("buffers", "bufferViews", "accessors")
    }
    table["nodes"] = [{"camera": 0}, {"translation": [0, 3, 0], "children": [0]}]
    table["scenes"] = [{"nodes": [1]}]
    write_glb(tmp_path / "c.glb", table, arrays)
    moved = read_camera(tmp_path / "c.glb")
    np.testing.assert_allclose(moved.world[:, 1, 3], 3)
    np.testing.assert_allclose(moved.world[:, :3, :3], path("rotation", frames=5).world[:, :3, :3], atol=1e-6)


# ---------------------------------------------------------------------- times in any unit


def one_second(folder: Path, codes: float | None, frames: float | None = None, first: float = 0.0) -> Path:
    """A USD camera that moves by a metre in a second, keyed at its quarters, in codes of some length."""
    said = "" if codes is None else f"timeCodesPerSecond = {codes}\n"
    said += "" if frames is None else f"framesPerSecond = {frames}\n"
    length = codes or 24
    keys = ", ".join(f"{first + length * part}: ({part}, 1.5, 3)" for part in (0, 0.25, 0.5, 0.75, 1))
    (folder / "c.usda").write_text(
        f"""#usda 1.0
(
    metersPerUnit = 1
    {said}startTimeCode = {first}
    endTimeCode = {first + length}
)
def Camera "cam" {{
    float focalLength = 24
    float horizontalAperture = 36
    float verticalAperture = 20.25
    double3 xformOp:translate.timeSamples = {{ {keys} }}
    uniform token[] xformOpOrder = ["xformOp:translate"]
}}
"""
    )
    return folder / "c.usda"


@pytest.mark.parametrize(
    ("codes", "frames"),
    [
        (1, None),
        (24000, 24),
        (24000, None),
        (1000, None),
        (24, None),
        (24, 24),
        (48, 24),
        (None, None),
        (None, 24),
    ],
)
def test_a_second_has_25_frames_whatever_the_time_codes_are(
    codes: float | None, frames: float | None, tmp_path: Path
) -> None:
    for rate in (None, Fraction(24), Fraction(24000, 1001)):
        camera = read_camera(one_second(tmp_path, codes, frames), size=(960, 540), fps=rate)
        assert (len(camera), camera.fps) == (25, rate or 24)
        tolerance = 1e-6 if rate != Fraction(24000, 1001) else 2e-3
        np.testing.assert_allclose(camera.world[:, 0, 3], np.arange(25) / 24, atol=tolerance)


def test_seconds_are_sampled_at_the_plates_times(tmp_path: Path) -> None:
    camera = read_camera(one_second(tmp_path, 1, first=40), size=(960, 540), fps=Fraction(30))
    assert (len(camera), camera.first_frame) == (31, 1200)
    np.testing.assert_allclose(camera.world[:, 0, 3], np.arange(31) / 30, atol=1e-6)


def test_times_that_cannot_be_meant_are_refused(tmp_path: Path) -> None:
    file = one_second(tmp_path, 1)
    file.write_text(
        file.read_text().replace("endTimeCode = 1.0", "endTimeCode = 1e12").replace("= 1\n", "= 24\n")
    )
    with pytest.raises(CompositingError, match="would have"):
        read_camera(file)


def keyed_glb(
    file: Path, way: str, times: list[float], values: list[list[float]], path_: str = "translation"
) -> Path:
    from compositing.gltf import write_glb

    perspective = {"yfov": 0.6, "znear": 0.1}
    table = {
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"camera": 0}],
        "cameras": [{"type": "perspective", "perspective": perspective}],
        "animations": [
            {
                "samplers": [{"input": 0, "output": 1, "interpolation": way}],
                "channels": [{"sampler": 0, "target": {"node": 0, "path": path_}}],
            }
        ],
    }
    write_glb(file, table, [np.array(times, np.float32)[:, None], np.array(values, np.float32)])
    return file


@pytest.mark.parametrize("rate", [None, Fraction(24)])
def test_a_cubic_spline_keeps_its_tangents(rate: Fraction | None, tmp_path: Path) -> None:
    """A cube of the time is a cubic spline: its tangents are 3t^2."""
    times = [0.0, 0.5, 1.0]
    knots = [[row, 0.0, 0.0] for t in times for row in (3 * t * t, t**3, 3 * t * t)]
    camera = read_camera(keyed_glb(tmp_path / "c.glb", "CUBICSPLINE", times, knots), fps=rate)
    assert len(camera) == 25
    np.testing.assert_allclose(camera.world[:, 0, 3], (np.arange(25) / 24) ** 3, atol=1e-6)


def test_a_cubic_spline_of_turns_stays_a_turn(tmp_path: Path) -> None:
    half = np.sqrt(0.5)
    knots = [[0, 0, 0, 0], [0, 0, 0, 1], [0, 1.5, 0, 0], [0, 1.5, 0, 0], [0, half, 0, half], [0, 0, 0, 0]]
    camera = read_camera(keyed_glb(tmp_path / "c.glb", "CUBICSPLINE", [0, 1], knots, "rotation"))
    turns = camera.world[:, :3, :3]
    np.testing.assert_allclose(
        turns @ turns.transpose(0, 2, 1), np.broadcast_to(np.eye(3), turns.shape), atol=1e-6
    )
    np.testing.assert_allclose(turns[-1] @ (0, 0, 1), (1, 0, 0), atol=1e-6)


@pytest.mark.parametrize("way", ["LINEAR", "STEP"])
def test_sparse_keys_are_no_frame_rate(way: str, tmp_path: Path) -> None:
    camera = read_camera(keyed_glb(tmp_path / "c.glb", way, [0, 1], [[0, 0, 0], [1, 0, 0]]))
    assert (len(camera), camera.fps) == (25, 24)
    assert camera.world[12, 0, 3] == pytest.approx(0.5 if way == "LINEAR" else 0)
