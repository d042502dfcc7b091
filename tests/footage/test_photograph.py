"""Photographs: every kind stands upright in its own colours, and broken ones are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stylize.errors import FootageError
from stylize.footage import probe, read_frames
from stylize.footage.photograph import photograph_facts, read_photograph

from .photographs import BLUE, GREEN, KINDS, RED, YELLOW, chart, corners, in_display_p3, palette_with_a_hole


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_upright_and_right_in_colour(kind: str, tmp_path: Path) -> None:
    name, write, tolerance = KINDS[kind]
    write(tmp_path / name)
    clip = probe(tmp_path / name)
    assert (clip.width, clip.height, clip.frame_count, clip.is_still) == (96, 64, 1, True)
    assert clip.bit_depth == (16 if "16 bits" in kind else 8)
    (frame,) = read_frames(clip)
    assert corners(frame.pixels) == pytest.approx(np.array([RED, GREEN, BLUE, YELLOW], float), abs=tolerance)


def test_transparent_parts_take_the_colours_around_them(tmp_path: Path) -> None:
    palette_with_a_hole(tmp_path / "hole.png")
    clip = probe(tmp_path / "hole.png")
    assert clip.has_alpha
    (frame,) = read_frames(clip)
    assert frame.pixels[-1, -1] == pytest.approx([1, 1, 1])
    assert corners(frame.pixels)[0] == pytest.approx(RED, abs=3)


def test_sixteen_bits_stay_apart(tmp_path: Path) -> None:
    import cv2

    steps = np.repeat(np.arange(3000, 3096, dtype=np.uint16)[None, :, None], 3, axis=2).repeat(8, axis=0)
    cv2.imwrite(str(tmp_path / "ramp.png"), steps)
    assert len(np.unique(read_photograph(tmp_path / "ramp.png").pixels)) == 96


def test_a_grey_picture_is_grey(tmp_path: Path) -> None:
    grey = Image.fromarray(chart()).convert("L")
    Image.fromarray(np.asarray(grey).astype(np.uint16) * 257).save(tmp_path / "c.png")
    for mode, name in (("L", "a.jpg"), ("LA", "a.png"), ("1", "b.png"), ("I;16", "c.png")):
        if mode != "I;16":
            grey.convert(mode).save(tmp_path / name)
        pixels = read_photograph(tmp_path / name).pixels
        assert pixels.shape == (64, 96, 3)
        assert np.ptp(pixels, axis=2).max() < 1e-6
        assert 0.1 < pixels.mean() < 0.9


def test_a_profile_that_is_none_counts_as_none(tmp_path: Path) -> None:
    Image.fromarray(chart()).save(tmp_path / "a.png", icc_profile=b"no profile at all")
    assert (read_photograph(tmp_path / "a.png").pixels == chart().astype(np.float32) / 255).all()


def test_a_profile_in_a_sequence_of_plates(tmp_path: Path) -> None:
    for number in range(3):
        in_display_p3(tmp_path / f"p3.{number}.png")
    for frame in read_frames(probe(tmp_path / "p3.%d.png")):
        assert corners(frame.pixels)[0] == pytest.approx(RED, abs=2)


def test_turned_photographs_as_a_sequence(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        KINDS["EXIF orientation 6"][1](tmp_path / f"t.{number}.jpg")
    clip = probe(tmp_path / "t.%d.jpg")
    assert (clip.width, clip.height, clip.frame_count) == (96, 64, 3)
    for frame in read_frames(clip):
        assert corners(frame.pixels)[0] == pytest.approx(RED, abs=6)


@pytest.mark.parametrize(
    "name", ["plain.jpg", "plain.png", "plain.webp", "phone.heic", "plain.tif", "plain.avif"]
)
@pytest.mark.parametrize("kept", [0, 20, 0.5])
def test_what_is_cut_short_is_refused(name: str, kept: float, tmp_path: Path) -> None:
    write = next(write for file, write, _ in KINDS.values() if file == name)
    write(tmp_path / name)
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data[: int(kept if kept > 1 else kept * len(data))])
    with pytest.raises(FootageError) as caught:
        read_photograph(tmp_path / name)
    assert name in str(caught.value)


def test_absurd_sizes_are_refused_by_the_header(tmp_path: Path) -> None:
    Image.new("1", (8, 8)).save(tmp_path / "a.png")
    data = bytearray((tmp_path / "a.png").read_bytes())
    data[16:24] = (60000).to_bytes(4, "big") * 2
    import zlib

    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(FootageError):
        photograph_facts(tmp_path / "a.png")


def test_text_with_a_pictures_name(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("no picture")
    with pytest.raises(FootageError, match="no picture"):
        probe(tmp_path / "a.jpg")
