"""Pictures of which the container shows a part: the clean aperture of MP4, and Matroska's crop."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from stylize.footage import find_shots, probe, read_frames, write_film
from stylize.footage.crop import Crop
from stylize.footage.reduced import pick_reduced

from .conftest import Make, run_ffmpeg

TO_ENTRY = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"avc1")


def with_clap(source: Path, out: Path, crop: Crop, size: tuple[int, int] = (64, 48)) -> Path:
    """A copy whose first track has a clean aperture; `moov` comes last in it, so that no offset changes."""
    data = bytearray(source.read_bytes())
    width, height = crop.size_of(*size)
    boxes: list[int] = []
    at, end = 0, len(data)
    for name in TO_ENTRY:
        while data[at + 4 : at + 8] != name:
            at += int.from_bytes(data[at : at + 4], "big")
            assert at < end
        boxes.append(at)
        end = at + int.from_bytes(data[at : at + 4], "big")
        at += 16 if name == b"stsd" else 8
    across, down = crop.left - crop.right, crop.top - crop.bottom
    data[end:end] = struct.pack(">I4sIIIIiIiI", 40, b"clap", width, 1, height, 1, across, 2, down, 2)
    for box in boxes:
        data[box : box + 4] = (int.from_bytes(data[box : box + 4], "big") + 40).to_bytes(4, "big")
    out.write_bytes(data)
    return out


CROPS = [Crop(4, 6, 12, 10), Crop(0, 0, 8, 0), Crop(3, 5, 1, 7), Crop(0, 0, 0, 8)]


@pytest.mark.parametrize("container", ["mp4", "mov", "mkv"])
@pytest.mark.parametrize("crop", CROPS)
def test_what_a_container_hides_is_left_out(make: Make, tmp_path: Path, container: str, crop: Crop) -> None:
    whole = make("whole.mp4", "-c:v", "libx264", "-crf", "4", frames=3, sound="aac")
    path = with_clap(whole, tmp_path / "clap.mp4", crop)
    if container != "mp4":  # ffmpeg writes the crop of what it copies
        run_ffmpeg("-i", str(path), "-c", "copy", str(tmp_path / f"copy.{container}"))
        path = tmp_path / f"copy.{container}"
    clip = probe(path)
    if container == "mov" and not clip.crop:
        pytest.skip("this ffmpeg writes no clean aperture into .mov")
    assert clip.crop == crop
    assert (clip.width, clip.height) == crop.size_of(64, 48)
    assert "hides" in clip.notes[0]
    columns, rows = slice(crop.left, 64 - crop.right), slice(crop.top, 48 - crop.bottom)
    is_odd = crop.left % 2 or crop.top % 2  # it moves chroma of half size
    for shown, stored in zip(read_frames(clip), read_frames(probe(whole)), strict=True):
        inner = np.abs(shown.pixels - stored.pixels[rows, columns])[2:-2, 2:-2]
        assert inner.mean() < (0.06 if is_odd else 1e-3)
    write_film(read_frames(clip), tmp_path / "film.mp4", clip)
    film = probe(tmp_path / "film.mp4")
    assert (film.width, film.height, film.crop) == (*crop.size_of(64, 48), Crop())
    assert len(find_shots(clip)) == 1
    assert next(pick_reduced(clip, [1], (24, 16))).pixels.shape == (16, 24, 3)


def test_it_is_cropped_before_it_is_turned(make: Make, tmp_path: Path) -> None:
    path = with_clap(make("a.mp4", "-c:v", "libx264", frames=2), tmp_path / "clap.mp4", CROPS[0])
    run_ffmpeg("-display_rotation", "90", "-i", str(path), "-c", "copy", str(tmp_path / "turned.mkv"))
    clip = probe(tmp_path / "turned.mkv")
    assert (clip.rotation, clip.width, clip.height) == (270, 32, 48)
    assert next(read_frames(clip)).pixels.shape == (48, 32, 3)


@pytest.mark.parametrize("crop", [Crop(-4, 0, 0, 0), Crop(32, 0, 32, 0), Crop(0, 24, 0, 24)])
def test_a_crop_that_cannot_be_is_none(make: Make, tmp_path: Path, crop: Crop) -> None:
    clip = probe(with_clap(make("a.mp4", "-c:v", "libx264", frames=2), tmp_path / "clap.mp4", crop))
    assert (clip.crop, clip.width, clip.height) == (Crop(), 64, 48)


def test_the_whole_picture_as_an_aperture_is_no_crop(make: Make, tmp_path: Path) -> None:
    clip = probe(with_clap(make("a.mp4", "-c:v", "libx264", frames=2), tmp_path / "b.mp4", Crop()))
    assert not clip.crop
    assert clip.notes == ()
