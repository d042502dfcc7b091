"""OpenEXR as renderers write it: windows, layers, parts, and values that are no numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest

from stylize.errors import FootageError
from stylize.footage import probe, read_frames, scan_pictures
from stylize.footage.clip import Shot
from stylize.footage.exr import exr_size, read_alpha, read_exr
from stylize.footage.finite import made_finite
from stylize.footage.read_alpha import read_alpha as read_planes
from stylize.footage.read_alpha import read_cutouts
from stylize.footage.transfer import linear_from_srgb

WIDTH, HEIGHT = 32, 18


def ramp() -> np.ndarray:
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    return np.stack([rows / HEIGHT, columns / WIDTH, np.full_like(rows, 0.25)], axis=-1)


def write(
    path: Path, channels: dict[str, np.ndarray], window: tuple[int, int, int, int] | None = None
) -> Path:
    """Channels whose data window lies at (left, top) of a display window of 32x18."""
    header: dict[str, Any] = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    header["displayWindow"] = (np.array([0, 0], np.int32), np.array([WIDTH - 1, HEIGHT - 1], np.int32))
    if window is not None:
        left, top, right, bottom = window
        header["dataWindow"] = (np.array([left, top], np.int32), np.array([right - 1, bottom - 1], np.int32))
    with OpenEXR.File(header, {name: np.ascontiguousarray(each) for name, each in channels.items()}) as file:
        file.write(str(path))
    return path


def rgb(pixels: np.ndarray, prefix: str = "") -> dict[str, np.ndarray]:
    return {prefix + name: pixels[..., number] for number, name in enumerate("RGB")}


def test_a_cropped_window_lies_in_its_place(tmp_path: Path) -> None:
    """Another crop in every frame; what is outside is black."""
    whole = ramp()
    for number in range(3):
        left, top, right, bottom = 4 + number, 2, 20 + number, 11
        write(
            tmp_path / f"crop.{1001 + number}.exr",
            rgb(whole[top:bottom, left:right]),
            (left, top, right, bottom),
        )
    clip = probe(tmp_path / "crop.%04d.exr")
    assert (clip.width, clip.height, clip.frame_count) == (WIDTH, HEIGHT, 3)
    for number, frame in enumerate(read_frames(clip)):
        inside = np.zeros((HEIGHT, WIDTH), bool)
        inside[2:11, 4 + number : 20 + number] = True
        light = read_exr(tmp_path / f"crop.{1001 + number}.exr")
        assert np.array_equal(light[inside], whole[inside])
        assert (frame.pixels[~inside] == 0).all()


def test_what_reaches_beyond_the_picture_is_cut_off(tmp_path: Path) -> None:
    over = np.pad(ramp(), ((3, 3), (5, 5), (0, 0)), mode="edge")
    path = write(tmp_path / "over.exr", rgb(over), (-5, -3, WIDTH + 5, HEIGHT + 3))
    assert exr_size(path) == (WIDTH, HEIGHT)
    assert np.array_equal(read_exr(path), ramp())


def test_a_window_outside_the_picture_is_black(tmp_path: Path) -> None:
    path = write(tmp_path / "away.exr", rgb(ramp()[:2, :2]), (WIDTH + 4, 0, WIDTH + 6, 2))
    assert (read_exr(path) == 0).all()


def test_a_matte_of_a_cropped_window(tmp_path: Path) -> None:
    path = write(tmp_path / "matte.exr", {"A": np.ones((4, 6), np.float32)}, (10, 5, 16, 9))
    plane = read_alpha(path)
    assert plane.shape == (HEIGHT, WIDTH)
    assert plane.sum() == plane[5:9, 10:16].sum() == 24


@pytest.mark.parametrize(
    "channels",
    [
        rgb(ramp()),
        {**rgb(ramp()), "A": np.ones((HEIGHT, WIDTH), np.float32), "Z": np.ones((HEIGHT, WIDTH), np.float32)},
        {**rgb(1 - ramp(), "diffuse."), **rgb(ramp())},
        rgb(ramp(), "beauty."),
        {**rgb(1 - ramp(), "diffuse."), **rgb(ramp(), "ViewLayer.Combined.")},
        {f"layer.{name}": ramp()[..., number] for number, name in enumerate(("red", "green", "blue"))},
        {name: ramp().astype(np.float16)[..., number] for number, name in enumerate("RGB")},
    ],
    ids=["rgb", "rgbaz", "with-diffuse", "beauty", "blender", "words", "half"],
)
def test_the_picture_itself_is_found_among_layers(tmp_path: Path, channels: dict[str, np.ndarray]) -> None:
    light = read_exr(write(tmp_path / "a.exr", channels))
    assert light == pytest.approx(ramp(), abs=1e-3)


def test_the_picture_may_be_a_later_part(tmp_path: Path) -> None:
    parts = [
        OpenEXR.Part({"name": "depth"}, {"Z": np.ones((HEIGHT, WIDTH), np.float32)}),
        OpenEXR.Part({"name": "beauty"}, {k: np.ascontiguousarray(v) for k, v in rgb(ramp()).items()}),
    ]
    with OpenEXR.File(parts) as file:
        file.write(str(tmp_path / "parts.exr"))
    assert np.array_equal(read_exr(tmp_path / "parts.exr"), ramp())


@pytest.mark.parametrize("has_alpha", [True, False])
def test_alpha_is_that_of_the_pictures_own_part(tmp_path: Path, has_alpha: bool) -> None:
    """Not the depth of an earlier part, nor the alpha of a later one."""
    alpha, other = np.full((HEIGHT, WIDTH), 0.5, np.float32), np.ones((HEIGHT, WIDTH), np.float32)
    colours = {k: np.ascontiguousarray(v) for k, v in rgb(ramp() / 2).items()}
    parts = [
        OpenEXR.Part({"name": "depth"}, {"Z": other * 0.9}),
        OpenEXR.Part({"name": "beauty"}, colours | ({"A": alpha} if has_alpha else {})),
        OpenEXR.Part({"name": "fog"}, {"A": other * 0.1, "fog.R": other}),
    ]
    with OpenEXR.File(parts) as file:
        file.write(str(tmp_path / "parts.0.exr"))
    clip = probe(tmp_path / "parts.%d.exr")
    assert clip.has_alpha == has_alpha
    (cutout,), (plane,), (frame,) = read_cutouts(clip, [0]), read_planes(clip, [0]), read_frames(clip)
    assert (cutout.alpha == (0.5 if has_alpha else 1)).all()
    assert (plane == cutout.alpha).all()
    light = linear_from_srgb(frame.pixels) * cutout.cover[..., None]
    assert light == pytest.approx(ramp() / 2, abs=2e-3)


@pytest.mark.parametrize(
    "names", [("beauty.R", "beauty.G", "beauty.B", "beauty.A"), ("C.red", "C.green", "C.blue", "A")]
)
def test_alpha_is_that_of_the_pictures_own_layer(tmp_path: Path, names: tuple[str, ...]) -> None:
    """Not that of another layer; else the one that belongs to none."""
    planes = [*np.moveaxis(ramp() / 2, -1, 0), np.full((HEIGHT, WIDTH), 0.5, np.float32)]
    others = {f"shadow.{name}": np.ones((HEIGHT, WIDTH), np.float32) for name in "RGBA"}
    write(tmp_path / "layers.0.exr", {**dict(zip(names, planes, strict=True)), **others})
    clip = probe(tmp_path / "layers.%d.exr")
    (cutout,) = read_cutouts(clip, [0])
    assert clip.has_alpha
    assert (cutout.alpha == 0.5).all()
    assert (read_alpha(tmp_path / "layers.0.exr") == 0.5).all()


def test_layers_without_a_picture_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.exr", {**rgb(ramp(), "diffuse."), **rgb(ramp(), "specular.")})
    with pytest.raises(FootageError, match=r"diffuse\.R"):
        read_exr(path)


def test_an_absurd_window_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.exr", rgb(ramp()))
    data = bytearray(path.read_bytes())
    place = data.index(b"displayWindow\x00box2i\x00") + len(b"displayWindow\x00box2i\x00") + 4
    data[place + 8 : place + 16] = (60_000).to_bytes(4, "little") * 2
    path.write_bytes(data)
    with pytest.raises(FootageError, match="not read here"):
        read_exr(path)


# ---------------------------------------------------------------------- values that are no numbers


def test_nan_and_infinity_are_mended_where_they_are_and_counted(tmp_path: Path) -> None:
    clean = np.random.default_rng(1).uniform(0.1, 0.8, (HEIGHT, WIDTH, 3)).astype(np.float32)
    clean[0, 0, 1] = 0
    broken = clean.copy()
    broken[5, 7, 0], broken[9, 20], broken[2, 3], broken[0, 0, 1] = np.nan, np.inf, -4, -np.inf
    for number, pixels in enumerate((clean, broken)):
        write(tmp_path / f"nan.{number:04d}.exr", rgb(pixels))
    clip = probe(tmp_path / "nan.%04d.exr")
    before, after = read_frames(clip)
    assert (before.mended, after.mended) == (0, 3)
    assert np.isfinite(after.pixels).all()
    differs = np.argwhere((after.pixels != before.pixels).any(axis=2)).tolist()
    assert differs == [[2, 3], [5, 7], [9, 20]]  # in the corner, minus infinity is as black as what was there
    assert 0.2 < after.pixels[5, 7, 0] < 0.9
    assert (after.pixels[9, 20] > 0.999).all()
    assert (after.pixels[2, 3] == 0).all()
    assert scan_pictures(clip, [Shot(0, 2)], motion=False).mended == 3


@pytest.mark.parametrize(
    "place",
    [
        (slice(0, 1), slice(None), slice(None)),  # the first row
        (slice(3, 6), slice(4, 9), 1),  # green of a few pixels side by side
        (slice(None, None, 7), slice(None, None, 5), slice(None)),  # sparks all over
        (slice(-1, None), slice(-1, None), 0),  # red of the last one
    ],
)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_other_broken_values_are_mended_alone(tmp_path: Path, place: tuple, value: float) -> None:
    clean = np.random.default_rng(2).uniform(0.1, 0.8, (HEIGHT, WIDTH, 3)).astype(np.float32)
    broken = clean.copy()
    broken[place] = value
    for number, pixels in enumerate((clean, broken)):
        write(tmp_path / f"b.{number:04d}.exr", rgb(pixels))
    before, after = read_frames(probe(tmp_path / "b.%04d.exr"))
    spoilt = ~np.isfinite(broken)
    assert after.mended == spoilt.any(axis=2).sum()
    assert np.isfinite(after.pixels).all()
    assert (after.pixels[~spoilt] == before.pixels[~spoilt]).all()


def test_a_frame_of_nothing_but_nan_is_black() -> None:
    pixels, mended = made_finite(np.full((4, 5, 3), np.nan, np.float32))
    assert mended == 20
    assert (pixels == 0).all()
