"""HLG and PQ brought to BT.709; expected light from the equations of BT.2100, written here once more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stylize.errors import FootageError
from stylize.footage import probe, read_frames, write_film
from stylize.footage.hdr import bt709_from_hdr

from .conftest import Make, run_ffmpeg

TRANSFERS = {"arib-std-b67": "HLG", "smpte2084": "PQ"}


def grey(code: float, transfer: str) -> float:
    return float(bt709_from_hdr(np.full((1, 1, 3), code, np.float32), transfer, "bt2020")[0, 0, 1])


@pytest.mark.parametrize(
    ("transfer", "black", "middle", "white", "peak"),
    [("arib-std-b67", 0.0, 0.38, 0.75, 1.0), ("smpte2084", 0.0, 0.38, 0.58, 0.7518)],
)
def test_the_levels_of_bt2408(transfer: str, black: float, middle: float, white: float, peak: float) -> None:
    """18 % grey becomes what it is in SDR, diffuse white nearly white, and the peak no more than white."""
    assert grey(black, transfer) == 0
    assert grey(middle, transfer) == pytest.approx(0.42, abs=0.02)
    assert 0.88 < grey(white, transfer) < 0.95
    assert grey(peak, transfer) == pytest.approx(1, abs=0.002)


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_brighter_stays_brighter(transfer: str) -> None:
    levels = [grey(code, transfer) for code in np.linspace(0.05, 0.74, 200)]
    assert (np.diff(levels) > 0).all()


def test_grey_stays_grey_and_a_hue_stays_a_hue() -> None:
    codes = np.array([[[0.6, 0.6, 0.6], [0.95, 0.6, 0.4], [0.4, 0.6, 0.5]]], np.float32)
    neutral, warm, green = bt709_from_hdr(codes, "arib-std-b67", "bt2020")[0]
    assert np.ptp(neutral) < 1e-3
    assert warm[0] > warm[1] > warm[2]
    assert green.argmax() == 1


def test_primaries_are_converted() -> None:
    """BT.709's own red lies inside BT.2020 (BT.2087's matrix), and comes back as red alone."""
    light = np.array([0.6274, 0.0691, 0.0164]) * 0.2
    codes = ((0.8359375 + 18.8515625 * (light * 203 / 1e4) ** 0.1593017578125)
             / (1 + 18.6875 * (light * 203 / 1e4) ** 0.1593017578125)) ** 78.84375  # fmt: skip
    red = bt709_from_hdr(codes[None, None].astype(np.float32), "smpte2084", "bt2020")[0, 0]
    assert red[0] == pytest.approx(0.2 ** (1 / 2.4), abs=0.01)
    assert red[1:].max() < 0.03


def hdr_clip(make: Make, transfer: str, name: str = "hdr.mov", code: float = 0.75) -> Path:
    y = round(64 + 876 * code)
    tags = f"colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"
    return make(
        name, "-vf", f"format=yuv420p10le,geq=lum={y}:cb=512:cr=512,setparams=color_primaries=bt2020:"
        f"color_trc={transfer}:colorspace=bt2020nc:range=tv",
        "-c:v", "libx264", "-x264-params", tags, frames=3,
    )  # fmt: skip


@pytest.mark.parametrize("transfer", TRANSFERS)
@pytest.mark.parametrize(("form", "name"), [("mp4", "film.mp4"), ("prores", "film.mov")])
def test_a_clip_becomes_a_film_of_bt709(
    make: Make, tmp_path: Path, transfer: str, form: str, name: str
) -> None:
    clip = probe(hdr_clip(make, transfer, code=0.75 if transfer == "arib-std-b67" else 0.58))
    assert clip.notes == (
        f"The clip is HDR ({TRANSFERS[transfer]}): it is tone-mapped to BT.709 before it is drawn.",
    )
    (frame, *_) = read_frames(clip)
    assert frame.pixels.mean() == pytest.approx(0.905, abs=0.01)
    write_film(read_frames(clip), tmp_path / name, clip, format=form)
    film = probe(tmp_path / name)
    assert (film.colour.transfer, film.colour.primaries, film.colour.matrix) == ("bt709",) * 3
    assert not film.notes
    (back, *_) = read_frames(film)
    assert back.pixels.mean() == pytest.approx(frame.pixels.mean(), abs=0.004)


def test_ordinary_clips_are_left_alone(make: Make) -> None:
    clip = probe(make("sdr.mp4", "-c:v", "libx264"))
    assert clip.treatment == ()
    assert clip.shown_colour == clip.colour


def test_dolby_vision_without_a_base_layer_is_refused(make: Make, tmp_path: Path) -> None:
    """Profile 5 codes IPT, which nothing but its own decoder can show: the sample entry is dvh1, no tag is set."""
    plain = make("plain.mp4", "-c:v", "libx265", "-x265-params", "log-level=none", "-tag:v", "hvc1", frames=2)
    path = tmp_path / "dolby.mp4"
    path.write_bytes(plain.read_bytes().replace(b"hvc1\x00\x00\x00\x00", b"dvh1\x00\x00\x00\x00"))
    with pytest.raises(FootageError, match="Dolby Vision"):
        probe(path)


def test_a_base_layer_of_dolby_vision_is_read_by_its_tags(make: Make, tmp_path: Path) -> None:
    """Profile 8 is PQ or HLG for whoever knows no more."""
    plain, path = tmp_path / "plain.mov", tmp_path / "dolby.mov"
    run_ffmpeg(
        "-i", str(hdr_clip(make, "arib-std-b67")), "-c:v", "libx265", "-tag:v", "hvc1",
        "-x265-params", "log-level=none:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc", str(plain),
    )  # fmt: skip
    path.write_bytes(plain.read_bytes().replace(b"hvc1\x00\x00\x00\x00", b"dvh1\x00\x00\x00\x00"))
    assert probe(path).colour.is_hdr
