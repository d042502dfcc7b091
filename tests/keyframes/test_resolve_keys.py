"""Keys are read by what their names say, and seen to be paintings of those frames."""

from __future__ import annotations

import weakref
import zipfile

import cv2
import numpy as np
import pytest

from stylize import footage
from stylize.errors import FootageError, UsageError
from stylize.footage.clip import Shot
from stylize.footage.keyframes import resolve
from stylize.footage.keyframes.files import find_keys, load_key
from stylize.footage.keyframes.misnamed import reduced
from stylize.footage.keyframes.painting import read_painting
from stylize.footage.keyframes.resolve import resolve_keys
from tests.keyframes.conftest import CUT, FRAMES, HEIGHT, WIDTH, painting

SHOTS = (Shot(0, CUT), Shot(CUT, FRAMES))


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("000004.png", 4),
        ("shot12.0005.png", 5),
        ("take-3 frame 7f.png", 7),
        ("00-00-00.250.png", 6),
        ("k_00_00_00.png", 0),
        ("shot.000004.cel.png", 4),
        ("shot.000004.painted-90s.png", 4),
        ("shot12.000004.mine2.v3.png", 4),
        ("00-00-00.250.cel.png", 6),
        ("take.2024.hero_0007.png", 7),
    ],
)
def test_names_say_frames(clip, paint, name, at):
    assert list(find_keys(paint({name: painting(0)}), footage.probe(clip))) == [at]


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["hero.png"], "says no frame"),
        (["000099.png"], "clip ends with frame 11"),
        (["3.png", "0003.png"], "Two keys are of frame 3"),
        ([], "holds no picture"),
    ],
)
def test_names_that_say_nothing_are_refused(clip, paint, names, says):
    with pytest.raises(UsageError, match=says):
        find_keys(paint(dict.fromkeys(names, painting(0))), footage.probe(clip))


def test_a_key_that_lies_over_its_plate_is_taken_as_it_is(clip, paint):
    keys = resolve_keys(paint({"3.png": painting(3)}), footage.probe(clip), SHOTS)
    assert [(key.at, key.shift) for key in keys.files] == [(3, (0.0, 0.0))]
    assert keys.of(range(CUT)) == list(keys.files)
    assert keys.of(range(CUT, FRAMES)) == []


def test_a_key_beside_its_plate_is_moved_there(clip, paint, caplog):
    moved = np.roll(painting(3), (2, -5), (0, 1))
    keys = resolve_keys(paint({"3.png": moved}), footage.probe(clip), SHOTS)
    across, down = keys.files[0].shift
    assert (across * WIDTH, down * HEIGHT) == pytest.approx((5, -2), abs=0.6)
    assert "is moved by" in caplog.text
    key = load_key(3, keys.files[0].path, keys.files[0].shift, (WIDTH, HEIGHT))
    apart = np.abs(key.picture - painting(3) / 255.0)[8:-8, 8:-8].mean()
    assert apart < np.abs(moved / 255.0 - painting(3) / 255.0)[8:-8, 8:-8].mean() / 2
    assert key.painted is not None
    assert key.painted[20, 0] == 0


@pytest.mark.parametrize(
    ("pixels", "says"),
    [
        (painting(3)[:, ::-1], "is mirrored"),
        (painting(CUT + 1), "no painting of frame 3"),
        (painting(3)[:, :64], "different shapes"),
    ],
)
def test_what_is_no_painting_of_its_frame_is_refused(clip, paint, pixels, says):
    with pytest.raises(UsageError, match=says):
        resolve_keys(paint({"3.png": pixels}), footage.probe(clip), SHOTS)


def test_keys_of_frames_that_are_not_drawn(clip, paint, caplog):
    folder = paint({"3.png": painting(3), "9.png": painting(9)})
    assert [key.at for key in resolve_keys(folder, footage.probe(clip), SHOTS[:1]).files] == [3]
    assert "1 keys are of frames that are not drawn" in caplog.text
    with pytest.raises(UsageError, match="None of the keys"):
        resolve_keys(folder, footage.probe(clip), [Shot(4, CUT)])


def test_plates_are_held_a_shot_at_a_time(clip, paint, monkeypatch):
    held: list[weakref.ref[np.ndarray]] = []
    most = []

    def watched(pixels: np.ndarray) -> np.ndarray:
        small = reduced(pixels)
        held.append(weakref.ref(small))
        most.append(sum(each() is not None for each in held))
        return small

    monkeypatch.setattr(resolve, "reduced", watched)
    keys = resolve_keys(paint({"3.png": painting(3), "9.png": painting(9)}), footage.probe(clip), SHOTS)
    assert [key.at for key in keys.files] == [3, 9]
    assert (len(most), max(most)) == (FRAMES, CUT)


def test_layered_files_give_their_merged_picture(tmp_path):
    picture = np.dstack([painting(3), np.full((HEIGHT, WIDTH), 255, np.uint8)])
    picture[:, 50:, 3] = 0
    with zipfile.ZipFile(tmp_path / "3.ora", "w") as layers:
        layers.writestr("mergedimage.png", cv2.imencode(".png", picture[..., [2, 1, 0, 3]])[1].tobytes())
    pixels, alpha = read_painting(tmp_path / "3.ora")
    assert np.array_equal(np.rint(pixels[:, :50] * 255), painting(3)[:, :50])
    assert alpha is not None
    assert (alpha[0, 49], alpha[0, 50]) == (1, 0)
    for name in ("4.ora", "4.psd", "4.png"):
        (tmp_path / name).write_bytes(b"no picture")
        with pytest.raises(FootageError):
            read_painting(tmp_path / name)


def test_sixteen_bits_stay_sixteen(tmp_path):
    fine = np.full((8, 8, 3), 257, np.uint16)
    fine[0, 0] = 12345
    cv2.imwrite(str(tmp_path / "1.png"), fine)
    pixels, alpha = read_painting(tmp_path / "1.png")
    assert alpha is None
    assert pixels[0, 0, 0] == np.float32(12345) / np.float32(65535)
