"""A folder of drawings: what is taken, what is refused and in which words."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from stylize.errors import MissingPart, UsageError
from tests.footage.photographs import KINDS, RED, corners, in_display_p3
from tests.training.drawings import draw_shapes, write_drawings
from training.dataset.buckets import bucket_of, bucket_shapes
from training.dataset.captioner import load_captioner
from training.dataset.captions import caption_all, fill_caption
from training.dataset.check import check_drawings
from training.dataset.drawing_folder import find_drawings, read_picture
from training.dataset.photolike import photolike
from training.dataset.stills import take_stills, write_stills
from training.lora.drawing_set import DrawingSet


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_drawings(tmp_path / "drawings", 4, sources=True)


def test_drawings_captions_and_sources_find_each_other(folder: Path) -> None:
    (folder / "01.txt").write_text("two  circles\n")
    (folder / ".hidden.png").write_bytes(b"")
    found = find_drawings(folder)
    assert [each.path.name for each in found.drawings] == ["00.png", "01.png", "02.png", "03.png"]
    assert found.drawings[1].caption == "two circles"
    assert found.drawings[0].caption is None
    assert all(each.source and each.source.name.endswith(".source.png") for each in found.drawings)
    assert found.drawings[0].size == (160, 144)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "EXIF" in kind])
def test_a_drawing_photographed_by_a_phone_stands_upright(folder: Path, kind: str) -> None:
    name, write, _ = KINDS[kind]
    write(folder / f"phone{name}")
    found = next(each for each in find_drawings(folder).drawings if each.path.name == f"phone{name}")
    assert found.size == (96, 64)
    assert corners(read_picture(found.path))[0] == pytest.approx(RED, abs=6)


@pytest.mark.parametrize("name", ["pad.png", "pad.jpg", "pad.tif", "pad.webp"])
def test_a_drawing_in_display_p3_keeps_its_colours(folder: Path, name: str) -> None:
    in_display_p3(folder / name)
    assert corners(read_picture(folder / name))[0] == pytest.approx(RED, abs=8 if name == "pad.webp" else 2)


@pytest.mark.parametrize(
    ("data", "caption"),
    [
        (b"\xef\xbb\xbfsks house\r\n", "sks house"),
        ("\ufeffsks mañana".encode("utf-16-le"), "sks mañana"),
        ("\ufeffsks 家".encode("utf-16-be"), "sks 家"),
        ("\ufeffsks".encode("utf-32-le"), "sks"),
        ("sks house".encode("utf-16-le"), "sks house"),
        ("sks house".encode("utf-16-be"), "sks house"),
        ("sks café – “blue”".encode("cp1252"), "sks café – “blue”"),
        ("青い空とさくら、anime".encode("cp932"), "青い空とさくら、anime"),
        ("sks\u3000家".encode(), "sks 家"),
    ],
)
def test_captions_in_the_encodings_that_editors_write(folder: Path, data: bytes, caption: str) -> None:
    (folder / "01.txt").write_bytes(data)
    assert find_drawings(folder).drawings[1].caption == caption


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\x01\x02", b"a" * (1 << 21), b"\x01\x02\x03"])
def test_captions_that_are_no_text(folder: Path, data: bytes) -> None:
    (folder / "01.txt").write_bytes(data)
    with pytest.raises(UsageError, match="caption"):
        find_drawings(folder)


def test_no_folder_and_no_picture(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        find_drawings(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="no picture"):
        find_drawings(tmp_path)


def test_a_corrupt_picture_is_named(folder: Path) -> None:
    (folder / "02.png").write_bytes(b"\x89PNG but not really")
    with pytest.raises(UsageError, match=r"02\.png.*cannot be read"):
        check_drawings(find_drawings(folder), 64)


@pytest.mark.parametrize("stray", ["lost.txt", "lost.source.png"])
def test_what_belongs_to_no_picture_is_named(folder: Path, stray: str) -> None:
    shutil.copyfile(folder / "00.source.png", folder / stray)
    with pytest.raises(UsageError, match=r"lost.*belongs to no picture"):
        check_drawings(find_drawings(folder), 64)


def test_too_small_and_too_few(folder: Path) -> None:
    with pytest.raises(UsageError, match="too small: 160x144"):
        check_drawings(find_drawings(folder), 145)
    for name in ("01", "02"):
        (folder / f"{name}.png").unlink()
        (folder / f"{name}.source.png").unlink()
    with pytest.raises(UsageError, match="too few"):
        check_drawings(find_drawings(folder), 64)


def test_the_same_drawing_in_another_format_is_left_out(folder: Path) -> None:
    picture = cv2.imread(str(folder / "00.png"))
    cv2.imwrite(str(folder / "again.jpg"), cv2.resize(picture, None, fx=0.7, fy=0.7), [1, 60])
    checked = check_drawings(find_drawings(folder), 64)
    assert len(checked.drawings) == 4
    assert any("again.jpg" in note for note in checked.notes)


def test_pictures_of_every_kind_read_alike(tmp_path: Path) -> None:
    _, drawn = draw_shapes(1)
    grey, alpha = drawn[..., :1], np.dstack([drawn[..., ::-1], np.zeros(drawn.shape[:2], np.uint8)])
    cv2.imwrite(str(tmp_path / "grey.png"), grey)
    cv2.imwrite(str(tmp_path / "deep.png"), drawn[..., ::-1].astype(np.uint16) * 257)
    cv2.imwrite(str(tmp_path / "clear.png"), alpha)
    assert read_picture(tmp_path / "grey.png").shape == drawn.shape
    np.testing.assert_allclose(read_picture(tmp_path / "deep.png"), drawn / 255, atol=1e-6)
    assert read_picture(tmp_path / "clear.png").min() == 1  # what is transparent lies on white


def test_captions_from_the_template_the_file_and_a_captioner(folder: Path) -> None:
    (folder / "01.txt").write_text("a cat")
    drawings = find_drawings(folder).drawings
    texts = [each.caption for each in caption_all(drawings, "{prompt}, {trigger}", "anime", "ink")]
    assert texts[:2] == ["anime, ink", "anime, ink, a cat"]
    described = caption_all(drawings, "{trigger} of {content}", "", "ink", lambda path: path.stem)
    assert [each.caption for each in described][:2] == ["ink of 00", "ink of a cat"]
    with pytest.raises(UsageError, match="cannot be filled"):
        fill_caption("{colour}", "anime", "ink")


def test_without_a_captioner_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingPart, match="no captioner") as caught:
        load_captioner(str(tmp_path))
    assert "--captioner" in str(caught.value.hint)


def test_buckets_keep_area_and_proportion() -> None:
    shapes = bucket_shapes(512, 64)
    assert (512, 512) in shapes
    assert all(abs(w * h / 512**2 - 1) < 0.2 and max(w, h) <= 2 * min(w, h) for w, h in shapes)
    assert all(w % 64 == h % 64 == 0 for w, h in shapes)
    assert bucket_of((1920, 1080), shapes)[0] > bucket_of((1080, 1920), shapes)[0]
    assert bucket_of((700, 699), shapes) == (512, 512)


def test_crops_are_of_one_shape_aligned_with_their_source_and_repeatable(folder: Path) -> None:
    cv2.imwrite(str(folder / "wide.png"), cv2.resize(draw_shapes(9)[1], (320, 144)))
    drawings = DrawingSet.read(find_drawings(folder).drawings, 96, 144, 16, use_given_sources=True)
    shapes = set()
    for number in range(12):
        crops = drawings.crops((0, number), 3, flips=False)
        assert len({crop.drawn.shape for crop in crops}) == 1
        assert all(crop.drawn.shape == crop.source.shape for crop in crops)
        shapes.add(crops[0].drawn.shape)
    assert len(shapes) == 2  # square drawings and a wide one
    one, again = (drawings.crops((0, 3), 2, flips=True) for _ in range(2))
    np.testing.assert_array_equal(one[1].source, again[1].source)
    assert not np.array_equal(one[0].drawn, drawings.crops((0, 4), 2, flips=True)[0].drawn)


def test_a_photograph_guessed_from_a_drawing_has_its_shapes_and_not_its_lines_or_palette() -> None:
    _, drawn = draw_shapes(3)
    drawing = drawn.astype(np.float32) / 255
    line = cv2.dilate((drawing.max(axis=-1) < 0.2).astype(np.uint8), np.ones((3, 3))) > 0
    darker, bluer = [], []
    for seed in range(12):
        guessed = photolike(drawing, np.random.default_rng(seed))
        assert guessed.shape == drawing.shape
        assert guessed.min() >= 0
        assert guessed.max() <= 1
        smooth = cv2.GaussianBlur(guessed, (0, 0), 4)
        darker.append(float((smooth - guessed)[line].mean()))
        bluer.append(float((guessed[..., 2] - guessed[..., 0]).mean()))
    of_drawing = float((cv2.GaussianBlur(drawing, (0, 0), 4) - drawing)[line].mean())
    assert np.median(darker) < 0.5 * of_drawing  # lines are gone or faint
    assert np.std(bluer) > 0.03  # one drawing all in blue is given many colours
    assert np.mean(bluer) < 0.6 * float((drawing[..., 2] - drawing[..., 0]).mean())


def test_stills_of_a_film_are_sharp_and_different(tmp_path: Path) -> None:
    from fractions import Fraction

    from stylize import footage
    from stylize.footage.clip import Clip, Frame

    def frames():
        for index in range(48):
            picture = draw_shapes(index // 24, 96, 64)[1].astype(np.float32) / 255
            if index % 6:  # between sharp moments the lens hunts
                picture = cv2.GaussianBlur(picture, (0, 0), 3)
            yield Frame(index, index, picture)

    film = tmp_path / "film.mp4"
    footage.write_film(frames(), film, Clip(film, 96, 64, Fraction(24), Fraction(1, 24), 48), audio=False)
    assert write_stills(film, tmp_path / ("stills" * 40)) == 2  # names of any length that a disk takes
    names = sorted(file.stem for file in (tmp_path / ("stills" * 40)).glob("*.png"))
    assert [int(name) // 24 for name in names] == [0, 1]
    assert all(int(name) % 6 == 0 for name in names)
    assert take_stills(film, tmp_path / ("stills" * 40)).is_dir()
    other = tmp_path / "other.mp4"
    footage.write_film(
        list(frames())[:30], other, Clip(other, 96, 64, Fraction(24), Fraction(1, 24), 30), audio=False
    )
    with pytest.raises(UsageError, match="of another film"):
        take_stills(other, tmp_path / ("stills" * 40))
