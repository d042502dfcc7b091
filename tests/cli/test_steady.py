"""`stylize steady`: finished frames in, the same film without flicker out; and everything that can be wrong."""

from __future__ import annotations

import re
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from benchmarks.steady.film import Film, render
from benchmarks.steady.flicker import Flicker
from benchmarks.steady.takes import TAKES
from deflicker import metrics
from stylize import footage
from stylize.footage.clip import Clip, Frame

from .conftest import Typed

SIZE = (113, 64)
COUNT, CUT = 15, 9


@pytest.fixture(scope="module")
def scene() -> Film:
    """Two shots of 9 and 6 frames, 113 x 64."""
    return render(3, COUNT, SIZE[1], Flicker(pops=0, bias=0), TAKES["pan"])


def write(path: Path, frames: list[np.ndarray], rate: Fraction | int = 24, sound: bool = False) -> Path:
    height, width = frames[0].shape[:2]
    clip = Clip(path, width, height, Fraction(rate), 1 / Fraction(rate), len(frames))
    footage.write_film(
        (Frame(n, n, frame) for n, frame in enumerate(frames)),
        path,
        clip,
        format="mp4" if path.suffix == ".mp4" else "png",
        audio=False,
    )
    if sound:
        silent = path.rename(path.with_suffix(".silent.mp4"))
        noise = f"anoisesrc=seed=1:sample_rate=48000:duration={float(len(frames) / Fraction(rate))}"
        words = ["-loglevel", "error", "-i", str(silent), "-f", "lavfi", "-i", noise, "-c:v", "copy"]
        subprocess.run([footage.ffmpeg_binary(), *words, "-c:a", "aac", str(path)], check=True)
    return path


@pytest.fixture
def films(scene: Film, tmp_path: Path) -> tuple[Path, Path, Path]:
    """The stylized film (at another rate), its source with sound, and a list of the shots."""
    listing = tmp_path / "shots.csv"
    listing.write_text(f"start,end\n0,{CUT}\n{CUT},{COUNT}\n")
    drawn = write(tmp_path / "drawn.mp4", scene.drawn, 12)
    return drawn, write(tmp_path / "plate.mp4", scene.source, Fraction(30000, 1001), sound=True), listing


def pixels(film: Path) -> list[np.ndarray]:
    return [frame.pixels for frame in footage.read_frames(footage.probe(film))]


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(container.streams.audio[0]) if packet.size]


def test_flicker_goes_times_and_sound_are_the_source_s(films, scene: Film, typed: Typed) -> None:
    drawn, plate, listing = films
    said = typed(
        "steady", drawn, "--source", plate, "-o", "out.mp4", "--compare", "both.mp4", "--shots", listing
    )
    assert said.code == 0, said.err
    film_line, measured = said.out.splitlines()
    assert film_line.startswith("out.mp4: 15 frames")
    found = [float(number) for number in re.findall(r"\d+\.\d\d", measured)]
    for was, now, source_itself in (found[:3], found[3:]):  # 1 apart, 8 apart
        assert source_itself < was
        assert now < was / 3
    assert int(re.findall(r"(\d+)%", measured)[0]) > 80
    source, film, both = (footage.probe(path) for path in (plate, Path("out.mp4"), Path("both.mp4")))
    for made in (film, both):
        assert made.rate == source.rate
        assert [made.seconds_of(n) for n in range(COUNT)] == [source.seconds_of(n) for n in range(COUNT)]
        assert packets(made.path) == packets(plate)
    given, steadied = pixels(drawn), pixels(film.path)
    before, after = (
        np.mean([metrics.psnr(a, b) for a, b in zip(frames, scene.clean, strict=True)])
        for frames in (given, steadied)
    )
    assert after > before + 2
    for pair, left, right in zip(pixels(both.path), given, steadied, strict=True):
        assert pair.shape == (SIZE[1], 2 * SIZE[0], 3)
        assert np.abs(pair[:, : SIZE[0]] - left).mean() < 0.04
        assert np.abs(pair[:, SIZE[0] :] - right).mean() < 0.04  # 4:2:0 of fine colours
    assert sorted(path.name for path in Path().glob("*.stylize")) == []


def test_a_source_of_another_size_guides_as_well(films, scene: Film, typed: Typed) -> None:
    drawn, _, listing = films
    big = [cv2.resize(frame, (226, 128), interpolation=cv2.INTER_CUBIC).clip(0, 1) for frame in scene.source]
    write(Path("big.mp4"), big)
    said = typed(
        "steady", drawn, "--source", "big.mp4", "-o", "out.mp4", "--shots", listing, "--repair", "off"
    )
    assert said.code == 0, said.err
    film = footage.probe(Path("out.mp4"))
    assert (film.width, film.height, film.frame_count) == (*SIZE, COUNT)


def test_sequences_and_a_part_of_the_source(scene: Film, typed: Typed) -> None:
    Path("drawn").mkdir()
    write(Path("drawn/d.%04d.png"), scene.drawn[4:9])
    plate = write(Path("plate.mp4"), scene.source)
    words = ("steady", "drawn/d.%04d.png", "--source", plate, "--start", "4f", "--end", "9f")
    said = typed(*words, "-o", "out.%04d.png")
    assert said.code == 0, said.err
    assert sorted(path.name for path in Path().glob("out.*.png")) == [f"out.{n:04d}.png" for n in range(4, 9)]
    write(Path("drawn/plate.%04d.png"), scene.source[4:9])
    film = write(Path("whole.mp4"), scene.drawn[4:9], 12, sound=True)
    said = typed("steady", film, "--source", "drawn/plate.%04d.png", "-o", "own.mp4")
    assert said.code == 0, said.err
    assert footage.probe(Path("own.mp4")).rate == 12
    assert packets(Path("own.mp4")) == packets(film)


def test_a_film_on_twos_stays_on_twos(scene: Film, typed: Typed) -> None:
    drawn = write(Path("drawn.mp4"), [scene.drawn[n // 2 * 2] for n in range(8)])
    plate = write(Path("plate.mp4"), scene.source[:8])
    said = typed("steady", drawn, "--source", plate, "-o", "out.%02d.png", "--json", "--no-report")
    assert said.code == 0, said.err
    assert [e["total"] for e in said.lines if e["event"] == "pass_started"] == [4, 4, 8]
    frames = pixels(Path("out.%02d.png"))
    for n in range(0, 8, 2):
        np.testing.assert_array_equal(frames[n], frames[n + 1])


def test_what_pops_is_rebuilt_and_listed(scene: Film, typed: Typed) -> None:
    frames = [np.zeros_like(frame) if n == 4 else frame for n, frame in enumerate(scene.drawn[:9])]
    drawn, plate = write(Path("drawn.mp4"), frames), write(Path("plate.mp4"), scene.source[:9])
    said = typed("steady", drawn, "--source", plate, "-o", "out.mp4", "--deflicker", "0")
    assert said.code == 0, said.err
    assert "note: 1 of 9 drawings were unstable: 1 rebuilt" in said.err
    assert Path("out.mp4.repair.json").is_file()
    assert pixels(Path("out.mp4"))[4].mean() > 0.1


@pytest.mark.parametrize("count", [1, 2])
def test_shots_of_one_frame_and_black_ones(scene: Film, typed: Typed, count: int) -> None:
    frames = [np.zeros((*SIZE[::-1], 3), np.float32)] * 3 + scene.drawn[:count]
    source = [np.zeros((*SIZE[::-1], 3), np.float32)] * 3 + scene.source[:count]
    drawn, plate = write(Path("drawn.mp4"), frames), write(Path("plate.mp4"), source)
    Path("shots.csv").write_text(f"start,end\n0,3\n3,{3 + count}\n")
    said = typed("steady", drawn, "--source", plate, "-o", "out.mp4", "--shots", "shots.csv")
    assert said.code == 0, said.err
    made = pixels(Path("out.mp4"))
    assert len(made) == 3 + count
    assert max(frame.max() for frame in made[:3]) < 0.02
    if count == 1:
        assert np.abs(made[3] - pixels(drawn)[3]).mean() < 0.02


def test_wrong_input_is_one_sentence(films, scene: Film, typed: Typed) -> None:
    drawn, plate, _ = films
    short = write(Path("short.mp4"), scene.drawn[:4])
    square = write(Path("square.mp4"), [frame[:, :64] for frame in scene.drawn])
    cases = [
        ((short, "--source", plate), "4 frames, its source 15"),
        ((square, "--source", plate), "different proportions"),
        ((drawn, "--source", "nowhere.mp4"), "no such file"),
        ((drawn,), "--source"),
        ((drawn, "--source", plate, "-o", plate), "files that are read"),
        ((drawn, "--source", plate, "-y", "-o", plate), "one of the files"),
        ((drawn, "--source", plate, "-y", "-o", drawn), "one of the files"),
        ((drawn, "--source", plate, "--compare", drawn, "-y"), "one of the files"),
        ((drawn, "--source", plate, "-o", "."), "is a folder"),
        ((drawn, "--source", plate, "-o", "out.mp4", "--compare", "."), "is a folder"),
        ((drawn, "--source", plate, "--deflicker", "2"), "deflicker"),
        ((drawn, "--source", plate, "--deflicker", "0", "--repair", "off"), "stays as it is"),
    ]
    for words, told in cases:
        said = typed("steady", *words)
        assert said.code == 2, words
        assert told in said.err, (words, said.err)
        assert "Traceback" not in said.err


def test_pixels_that_are_no_numbers_are_mended_and_told(scene: Film, typed: Typed) -> None:
    import OpenEXR

    for n, frame in enumerate(scene.drawn[:4]):
        light = frame.astype(np.float32).copy()
        if n == 2:
            light[5, 7, 1] = np.nan
        with OpenEXR.File({"type": OpenEXR.scanlineimage}, {"RGB": light}) as file:
            file.write(f"d.{n:04d}.exr")
    plate = write(Path("plate.mp4"), scene.source[:4])
    said = typed("steady", "d.%04d.exr", "--source", plate, "-o", "out.mp4")
    assert said.code == 0, said.err
    assert "1 pixel holds NaN or infinity" in said.err
