"""Colours and times through the whole way: read from a clip, written as a film, read again."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from stylize.cli import main
from stylize.footage import probe, read_frames, write_film
from stylize.footage.clip import Clip
from stylize.footage.film import film_times
from stylize.footage.target import FilmTarget

from .conftest import Make, run_ffmpeg

WEIGHTS = {"smpte170m": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020nc": (0.2627, 0.0593)}
PATCHES = np.array(
    [[0, 0, 0], [1, 1, 1], [0.18, 0.18, 0.18], [0.75, 0.1, 0.1], [0.1, 0.7, 0.2], [0.15, 0.2, 0.8],
     [0.8, 0.75, 0.1], [0.9, 0.6, 0.5]]
)  # fmt: skip
SIDE = 32


def coded(matrix: str, depth: int, full: bool) -> list[np.ndarray]:
    """The patches as Y', Cb and Cr by ITU-R BT.601, 709 and 2020, written here from their formulas."""
    kr, kb = WEIGHTS[matrix]
    red, green, blue = PATCHES.T
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    differences = (blue - luma) / (2 * (1 - kb)), (red - luma) / (2 * (1 - kr))
    one, top = 1 << (depth - 8), (1 << depth) - 1
    if full:
        codes = [luma * top] + [each * top + 128 * one for each in differences]
    else:
        codes = [(219 * luma + 16) * one] + [(224 * each + 128) * one for each in differences]
    return [np.rint(np.repeat(each, SIDE)[None].repeat(SIDE, axis=0)).clip(0, top) for each in codes]


def chart_clip(folder: Path, matrix: str, depth: int, full: bool, turn: int) -> Path:
    """The patches side by side in an H.264 file without loss, 4:4:4."""
    kind, dtype = ("yuv444p", np.uint8) if depth == 8 else ("yuv444p10le", np.uint16)
    raw, flat, turned = folder / "chart.raw", folder / "flat.mp4", folder / "chart.mp4"
    planes = b"".join(plane.astype(dtype).tobytes() for plane in coded(matrix, depth, full))
    raw.write_bytes(planes * 3)
    run_ffmpeg(
        "-f", "rawvideo", "-pix_fmt", kind, "-s", f"{SIDE * len(PATCHES)}x{SIDE}", "-r", "24",
        "-color_range", "pc" if full else "tv", "-colorspace", matrix, "-i", str(raw),
        "-c:v", "libx264", "-qp", "0", "-pix_fmt", kind,
        "-x264-params", f"colormatrix={matrix}:colorprim=bt709:transfer=bt709:fullrange={'on' if full else 'off'}",
        str(flat),
    )  # fmt: skip
    run_ffmpeg("-display_rotation:v", str(turn), "-i", str(flat), "-c", "copy", str(turned))
    return turned


def patches_of(pixels: np.ndarray, turn: int) -> np.ndarray:
    level = np.rot90(pixels, -turn // 90)
    middles = np.arange(len(PATCHES)) * SIDE + SIDE // 2
    return np.array([level[8:-8, middle - 6 : middle + 6].mean(axis=(0, 1)) for middle in middles])


@pytest.mark.parametrize("matrix", WEIGHTS)
@pytest.mark.parametrize("full", [False, True], ids=["limited", "full"])
@pytest.mark.parametrize("turn", [0, 90])
@pytest.mark.parametrize(("depth", "form", "name"), [(8, "mp4", "film.mp4"), (10, "prores", "film.mov")])
def test_a_chart_comes_through(
    tmp_path: Path, matrix: str, full: bool, turn: int, depth: int, form: str, name: str
) -> None:
    """Within 2 of 255 through 8 bits, within 1 of 1023 through 10, in its codes."""
    clip = probe(chart_clip(tmp_path, matrix, depth, full, turn))
    frames = list(read_frames(clip))
    step = 1 / ((1 << depth) - 1)
    assert patches_of(frames[1].pixels, turn) == pytest.approx(PATCHES, abs=1.5 * step)
    write_film(frames, tmp_path / name, clip, format=form)
    back = list(read_frames(probe(tmp_path / name)))
    sent, got = patches_of(frames[1].pixels, turn), patches_of(back[1].pixels, turn)
    if depth == 8:
        assert got == pytest.approx(sent, abs=2 / 255)
    else:  # half a code of luma and of chroma may add up in one of R, G and B: the codes themselves are compared
        assert as_luma_and_chroma(got) == pytest.approx(as_luma_and_chroma(sent), abs=1 / 1023)


def as_luma_and_chroma(rgb: np.ndarray, matrix: str = "bt709") -> np.ndarray:
    kr, kb = WEIGHTS[matrix]
    luma = rgb @ (kr, 1 - kr - kb, kb)
    return np.stack([luma, (rgb[:, 2] - luma) / (2 * (1 - kb)), (rgb[:, 0] - luma) / (2 * (1 - kr))], axis=1)


# ---------------------------------------------------------------------- through a whole command


HALF_A_CODE = 0.5 * (1023 / 876 + 2 * (1 - WEIGHTS["bt2020nc"][1]) * 1023 / 896) / 1023
"""How far R, G or B may be off by rounding alone, where Y', Cb and Cr of 10 bits in studio range hold the picture:
half a code of luma and half a code of chroma, 1.66 of 1023. No coder can do better in that form."""


@pytest.mark.parametrize(("matrix", "full"), [("smpte170m", True), ("bt709", False), ("bt2020nc", False)])
@pytest.mark.parametrize(
    ("depth", "form", "name", "most"),
    [
        (8, "mp4", "film.mp4", 2 / 255),
        (10, "prores", "film.mov", HALF_A_CODE),
        (10, "png16", "film.%04d.png", 1 / 1023),
        (10, "exr", "film.%04d.exr", 1 / 1023),
    ],
)
def test_a_chart_comes_through_a_command(
    tmp_path: Path, matrix: str, full: bool, depth: int, form: str, name: str, most: float
) -> None:
    """Probed, kept in the store, steadied (there is nothing to steady) and encoded: the drawing is the chart."""
    chart, out = chart_clip(tmp_path, matrix, depth, full, 90), tmp_path / name
    words = ["steady", chart, "--source", chart, "--repair", "off", "--format", form, "-o", out, "-q"]
    assert main([str(word) for word in words]) == 0
    sent = patches_of(next(read_frames(probe(chart))).pixels, 90)
    got = patches_of(next(read_frames(probe(out))).pixels, 90)
    assert got == pytest.approx(sent, abs=most)
    if form == "prores":  # every code is the nearest one: what is lost is lost by rounding alone
        film = matrix if matrix == "bt2020nc" else "bt709"
        assert as_codes(got, film) == pytest.approx(np.rint(as_codes(sent, film)), abs=0.05)


def as_codes(rgb: np.ndarray, matrix: str) -> np.ndarray:
    """Y', Cb and Cr as codes of 10 bits in studio range, not rounded."""
    return as_luma_and_chroma(rgb, matrix) * (876, 896, 896) + (64, 512, 512)


# ---------------------------------------------------------------------- three hours, ten minutes


@pytest.mark.parametrize("rate", [Fraction(30000, 1001), Fraction(24000, 1001)])
def test_ntsc_rates_are_exact_over_three_hours(rate: Fraction) -> None:
    count = int(3 * 3600 * rate) + 1
    clip = Clip(
        Path("film.mov"), 64, 48, rate, 1 / (rate * 1001), count, pts=tuple(range(0, 1001 * count, 1001))
    )
    assert clip.has_constant_rate
    times = film_times(clip, FilmTarget(Path("out.mov"), "mp4", 0, count, (), True))
    assert times.pts == tuple(range(count))
    assert times.base == 1 / rate
    assert times.pts[-1] * times.base == clip.seconds_of(count - 1) == (count - 1) / rate
    rounded = Clip(
        Path("film.mkv"), 64, 48, rate, Fraction(1, 1000), count,
        pts=tuple(round(1000 * index / rate) for index in range(count)),
    )  # fmt: skip
    assert rounded.has_constant_rate


@pytest.mark.parametrize("rate", ["30000/1001", "24000/1001"])
def test_times_after_three_hours_are_the_sources(make: Make, tmp_path: Path, rate: str) -> None:
    """Ten frames, twenty minutes apart, on the grid of the rate."""
    stride = int(1200 * Fraction(rate))
    clip = probe(
        make("long.mp4", "-vf", f"setpts=N*{stride}", "-c:v", "libx264", "-fps_mode", "passthrough",
             "-enc_time_base", f"1/{int(Fraction(rate) * 1001)}", "-video_track_timescale",
             str(int(Fraction(rate) * 1001)), frames=10, rate=rate)
    )  # fmt: skip
    write_film(read_frames(clip), tmp_path / "film.mp4", clip)
    film = probe(tmp_path / "film.mp4")
    assert [film.seconds_of(n) for n in range(10)] == [n * stride / Fraction(rate) for n in range(10)]


def sound_times(path: Path) -> list[Fraction]:
    with av.open(str(path)) as container:
        track = container.streams.audio[0]
        return [packet.pts * track.time_base for packet in container.demux(track) if packet.size]


def test_sound_stays_in_step_over_ten_minutes_of_a_variable_rate(make: Make, tmp_path: Path) -> None:
    source = make(
        "long.mp4", "-vf", "select='not(mod(n,7))+not(mod(n,3))'", "-fps_mode", "vfr", "-c:v", "libx264",
        "-preset", "ultrafast", "-shortest", "-ar", "8000", size="16x16", rate="1", frames=258, sound="aac",
    )  # fmt: skip
    clip = probe(source)
    assert clip.seconds_of(clip.frame_count) > 590
    assert not clip.has_constant_rate
    write_film(read_frames(clip), tmp_path / "film.mp4", clip)
    film = probe(tmp_path / "film.mp4")
    assert [film.seconds_of(n) for n in range(film.frame_count)] == [
        clip.seconds_of(n) for n in range(clip.frame_count)
    ]
    before, after = sound_times(source), sound_times(tmp_path / "film.mp4")
    assert len(before) == len(after)
    assert max(abs(a - b) for a, b in zip(before, after, strict=True)) < Fraction(1, 1000)
