"""Backdrops and cameras as a scene file names them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from compositing.backdrop import render_backdrop
from compositing.camera.record import still_camera
from compositing.colour import linear_from_srgb
from compositing.key.pieces import without_marks
from stylize.comp.backdrops import backdrop_files, build_backdrop
from stylize.comp.cameras import shot_camera
from stylize.comp.pictures import read_light
from stylize.comp.scene import read_scene
from stylize.errors import FootageError, MissingPart
from stylize.footage import Clip, Frame, Shot, probe, write_film
from stylize.footage.exr import write_exr
from stylize.passes.backdrop import BackdropPass

SIZE = (64, 36)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Ten frames that grow lighter."""
    out = tmp_path / "film.mov"
    clip = Clip(out, *SIZE, Fraction(24), Fraction(1, 24), 10)
    frames = [Frame(k, k, np.full((36, 64, 3), 0.05 + 0.08 * k, np.float32)) for k in range(10)]
    write_film(frames, out, clip, format="prores", audio=False)
    return out


def scene_of(folder: Path, text: str):
    file = folder / "scene.toml"
    file.write_text(text)
    return read_scene(file)


@pytest.mark.usefixtures("film")
def test_a_film_goes_on_behind_the_subject(tmp_path: Path) -> None:
    scene = scene_of(tmp_path, '[backdrop]\nkind = "film"\nfile = "film.mov"\n')
    camera = still_camera(SIZE, 10, fps=Fraction(24))
    backdrop = build_backdrop(scene, camera)
    assert backdrop.moves
    for frame in (0, 1, 2, 7, 3):  # backwards too
        level = render_backdrop(backdrop, camera, frame)[18, 32, 1]
        assert level == pytest.approx(
            float(linear_from_srgb(np.array([[0.05 + 0.08 * frame]]))[0, 0]), abs=0.02
        )
    slow = still_camera(SIZE, 10, fps=Fraction(48))
    assert (
        render_backdrop(build_backdrop(scene, slow), slow, 9)[18, 32, 1] < 0.2
    )  # its fourth frame, not its ninth
    with pytest.raises(FootageError, match="10 frames at 24 a second; the shot needs 20"):
        build_backdrop(scene, still_camera(SIZE, 20, fps=Fraction(24)))


def test_layers_lie_over_one_another(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "far.png"), np.full((36, 64, 3), 200, np.uint8))
    near = np.zeros((36, 64, 4), np.uint8)
    near[:, 20:30] = (0, 0, 255, 255)
    cv2.imwrite(str(tmp_path / "near.png"), near)
    text = (
        '[backdrop]\nkind = "layers"\n[[backdrop.layer]]\nfile = "far.png"\ncover = true\n'
        '[[backdrop.layer]]\nfile = "near.png"\ndepth_m = 3.0\n'
    )
    scene = scene_of(tmp_path, text)
    camera = still_camera(SIZE)
    light, depth = build_backdrop(scene, camera).render(camera.view(0), 0)
    np.testing.assert_allclose(light[18, 25], (1, 0, 0), atol=1e-3)
    assert depth[18, 25] == pytest.approx(3.0)
    assert np.isinf(depth[18, 50])
    assert [path.name for path in backdrop_files(scene)] == ["far.png", "near.png"]


def test_pictures_are_read_as_light(tmp_path: Path) -> None:
    half = np.zeros((2, 2, 4), np.uint16)
    half[...] = (0, 0, 65535, 32768)
    cv2.imwrite(str(tmp_path / "a.png"), half)
    np.testing.assert_allclose(read_light(tmp_path / "a.png")[0, 0], (0.5, 0, 0, 0.5), atol=1e-4)
    write_exr(tmp_path / "a.exr", np.full((2, 2, 3), 3.0, np.float32), pixel_aspect=1.0)
    np.testing.assert_allclose(read_light(tmp_path / "a.exr"), 3.0)
    (tmp_path / "b.png").write_bytes(b"no picture")
    with pytest.raises(FootageError, match="can be read"):
        read_light(tmp_path / "b.png")


def test_a_backdrop_and_a_matte_stand_as_they_are_shown(tmp_path: Path) -> None:
    from stylize.comp.mattes.given import read_matte
    from tests.footage.photographs import GREEN, KINDS, RED, corners, in_display_p3

    KINDS["EXIF orientation 6"][1](tmp_path / "phone.jpg")
    in_display_p3(tmp_path / "p3.png")
    light = read_light(tmp_path / "p3.png")
    np.testing.assert_allclose(light[8, 8], linear_from_srgb(np.float32(RED) / 255), atol=0.01)
    assert read_light(tmp_path / "phone.jpg").shape == (64, 96, 3)
    clip = Clip(tmp_path / "c.mp4", 96, 64, Fraction(24), Fraction(1, 24), 1)
    matte = read_matte(tmp_path / "phone.jpg", clip)
    assert corners(np.repeat(matte[..., None], 3, axis=2))[1, 0] == pytest.approx(GREEN[1], abs=6)


def test_moves_make_a_camera(tmp_path: Path, film: Path) -> None:
    cv2.imwrite(str(tmp_path / "far.png"), np.full((36, 64, 3), 200, np.uint8))
    text = (
        '[backdrop]\nkind = "still"\nfile = "far.png"\n[camera]\nsource = "moves"\nfocal_mm = 50\n'
        '[[camera.move]]\nkind = "dolly"\nforward_m = 0.5\n'
    )
    scene = scene_of(tmp_path, text)
    found = shot_camera(scene, probe(film), Shot(2, 9), "plate", tmp_path)
    assert len(found.camera) == 7
    assert found.camera.focal_mm[0] == 50
    assert found.camera.world[-1, 2, 3] == pytest.approx(-0.5)


def test_given_mattes_belong_to_their_frames_wherever_a_run_goes_on(tmp_path: Path) -> None:
    from stylize.comp.mattes.given import GivenMattes

    for number in range(6):
        cv2.imwrite(str(tmp_path / f"m.{number:04d}.png"), np.full((8, 12), 40 * number, np.uint8))
    clip = Clip(tmp_path / "clip.mp4", 12, 8, Fraction(24), Fraction(1, 24), 6)
    mattes = GivenMattes(tmp_path, clip, Shot(1, 6))
    frames = [np.zeros((8, 12, 3), np.float32)] * 2
    levels = [float(keyed.alpha.mean() * 255) for keyed in mattes.key(frames, first=2)]
    np.testing.assert_allclose(levels, [120, 160], atol=0.01)


def test_the_subject_is_masked_and_marks_are_not() -> None:
    from compositing.screen.colour import find_screen
    from compositing.screen.motion import subject_mask

    plate = np.full((270, 480, 3), (0.15, 0.65, 0.2), np.float32)
    plate[60:70, 60:63] = plate[64:67, 56:67] = (0.08, 0.4, 0.11)
    plate[80:260, 200:280] = (0.7, 0.3, 0.2)
    mask = subject_mask(plate, find_screen([linear_from_srgb(plate)]))
    assert mask[170, 240]
    assert not mask[65, 61]
    assert 0.1 < mask.mean() < 0.25


def test_marks_drop_out_of_a_matte_and_limbs_do_not() -> None:
    from compositing.matte import Keyed

    alpha = np.zeros((270, 480), np.float32)
    alpha[80:260, 200:280] = 1
    alpha[100:104, 280:330] = 0.7  # a thin limb
    alpha[40:60, 60:64] = 0.55  # a mark
    keyed = without_marks(Keyed(np.ones((270, 480, 3), np.float32), alpha, alpha > 0))
    assert keyed.alpha[40:60, 60:64].max() == 0
    assert keyed.premult[50, 62].max() == 0
    np.testing.assert_array_equal(keyed.alpha[80:260, 190:335], alpha[80:260, 190:335])


def test_a_machine_without_opengl_is_told_before_anything_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    pytest.importorskip("moderngl")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("ctypes.CDLL", none)
    scene = read_scene(Path(__file__).resolve().parents[2] / "examples" / "greenscreen.toml")
    with pytest.raises(MissingPart, match=r"OpenGL .*libEGL.so.1 is missing") as told:
        build_backdrop(scene, still_camera(SIZE, 2, fps=Fraction(24)))
    assert told.value.hint is not None
    assert "libegl1" in told.value.hint


def test_the_painter_is_loaded_before_a_set_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task of the backdrop pass alone: PyTorch does not survive being loaded after OpenGL's software driver."""
    order: list[str] = []

    def render(*_: object) -> tuple[np.ndarray, None]:
        order.append("set")
        return np.zeros((36, 64, 3), np.float32), None

    camera = still_camera(SIZE, 2, fps=Fraction(24))
    take = SimpleNamespace(
        shot=Shot(0, 2), camera=camera, backdrop=SimpleNamespace(moves=True, render=render)
    )
    table = SimpleNamespace(backdrop=SimpleNamespace(is_drawn=True))
    comp: Any = SimpleNamespace(scene=table, shot_at=lambda _: take)
    monkeypatch.setattr("stylize.generators.load.load_generator", lambda _: order.append("painter"))
    monkeypatch.setattr(BackdropPass, "_drawn", lambda self, seen, *_: seen)
    list(BackdropPass(comp, None, "", SIZE, SIZE).render(range(2), range(2), None))  # type: ignore[arg-type]
    assert order == ["painter", "set", "set"]
