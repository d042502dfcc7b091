from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from stylize.errors import OutputError, UsageError
from stylize.events import Event, Note
from stylize.footage import Clip, Frame, binary, film, probe, read_frames, write_film

from .conftest import Make, run_ffmpeg


def packets(path: Path, number: int = 0) -> list[tuple[Fraction, bytes]]:
    with av.open(str(path)) as container:
        stream = container.streams.audio[number]
        return [(p.pts * p.time_base, bytes(p)) for p in container.demux(stream) if p.size]


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return float(-10 * np.log10(np.mean((a - b) ** 2) + 1e-12))


def flat(
    clip: Clip, colour: tuple[float, ...] = (0.5, 0.5, 0.5), start: int = 0, end: int | None = None
) -> Iterator[Frame]:
    for index in range(start, clip.frame_count if end is None else end):
        yield Frame(
            index, clip.pts_of(index), np.full((clip.height, clip.width, len(colour)), colour, np.float32)
        )


def left_over(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


# ---------------------------------------------------------------------- time


@pytest.mark.parametrize("rate", ["24", "25", "24000/1001", "30000/1001", "60000/1001", "15/2"])
@pytest.mark.parametrize("form", ["mp4", "prores"])
def test_rates_stay_exact(make: Make, tmp_path: Path, rate: str, form: str) -> None:
    clip = probe(make("in.mp4", rate=rate))
    film_ = probe(write_film(flat(clip), tmp_path / "out.mov", clip, format=form))
    assert film_.rate == clip.rate == Fraction(rate)
    assert film_.time_base == clip.time_base
    assert film_.pts == clip.pts
    with av.open(str(film_.path)) as container:
        stream = container.streams.video[0]
        assert stream.duration * stream.time_base == 12 / Fraction(rate)
        assert stream.average_rate == Fraction(rate)


def test_variable_rate_stays_exact(make: Make, tmp_path: Path) -> None:
    clip = probe(make("vfr.mkv", "-vf", "select='not(mod(n,5))+not(mod(n,3))'", "-fps_mode", "vfr"))
    assert not clip.has_constant_rate
    film_ = probe(write_film(flat(clip), tmp_path / "out.mp4", clip))
    assert [p * film_.time_base for p in film_.pts] == [p * clip.time_base for p in clip.pts]
    part = probe(write_film(flat(clip, start=3, end=9), tmp_path / "part.mp4", clip, start=3, end=9))
    first = clip.pts[3]
    assert [p * part.time_base for p in part.pts] == [(p - first) * clip.time_base for p in clip.pts[3:9]]


def test_one_frame(make: Make, tmp_path: Path) -> None:
    clip = probe(make("in.mp4", rate="25"))
    film_ = probe(write_film(flat(clip, start=5, end=6), tmp_path / "out.mp4", clip, start=5, end=6))
    assert (film_.frame_count, film_.rate) == (1, 25)


# ---------------------------------------------------------------------- picture


def test_every_frame_comes_back_in_its_place(make: Make, tmp_path: Path) -> None:
    clip = probe(make("in.mp4", size="160x120", frames=30))
    film_ = probe(write_film(read_frames(clip), tmp_path / "out.mp4", clip))
    plates, films = list(read_frames(clip)), list(read_frames(film_))
    for got in films:  # hard colour edges lose some in 4:2:0, but no neighbour comes as near
        likeness = [psnr(plate.pixels, got.pixels) for plate in plates]
        assert int(np.argmax(likeness)) == got.index
        assert likeness[got.index] > 28


@pytest.mark.parametrize("size", ["63x47", "64x47", "63x48", "1x1", "2x2"])
@pytest.mark.parametrize("form", ["mp4", "prores"])
def test_odd_sizes(make: Make, tmp_path: Path, size: str, form: str) -> None:
    clip = replace(
        probe(make("in.mp4", frames=2)), width=int(size.split("x")[0]), height=int(size.split("x")[1])
    )
    film_ = probe(write_film(flat(clip, (0.2, 0.6, 0.9)), tmp_path / "out.mov", clip, format=form))
    assert f"{film_.width}x{film_.height}" == size
    frame = next(iter(read_frames(film_)))
    np.testing.assert_allclose(frame.pixels[0, 0], (0.2, 0.6, 0.9), atol=0.02)


@pytest.mark.parametrize("form", ["mp4", "prores"])
def test_colours_and_tags(make: Make, tmp_path: Path, form: str) -> None:
    clip = probe(make("in.mp4", frames=1))  # small and untagged: BT.601 in, BT.709 out
    for colour in [(1.0, 1.0, 1.0), (0.9, 0.1, 0.1), (0.1, 0.8, 0.2), (0.0, 0.0, 0.0)]:
        film_ = probe(write_film(flat(clip, colour), tmp_path / "out.mov", clip, format=form, overwrite=True))
        (frame,) = read_frames(film_)
        np.testing.assert_allclose(frame.pixels[20, 20], colour, atol=0.012)
    tags = film_.colour
    assert (tags.primaries, tags.transfer, tags.matrix) == ("bt709", "bt709", "bt709")
    assert tags.range in ("tv", None)
    theirs = tmp_path / "theirs.png"  # another reader agrees on the colour
    write_film(flat(clip, (0.9, 0.1, 0.1)), tmp_path / "red.mov", clip, format=form)
    run_ffmpeg("-i", str(tmp_path / "red.mov"), "-frames:v", "1", str(theirs))
    with av.open(str(theirs)) as container:
        red = next(container.decode(video=0)).to_ndarray(format="rgb24")[20, 20] / 255
    np.testing.assert_allclose(red, (0.9, 0.1, 0.1), atol=0.02)


def test_ten_bits_round_trip(make: Make, tmp_path: Path) -> None:
    clip = probe(make("in.mov", "-c:v", "prores_ks", size="256x64", frames=1))
    ramp = np.broadcast_to(np.linspace(0.4, 0.5, 256, dtype=np.float32)[None, :, None], (64, 256, 3))
    film_ = probe(write_film([Frame(0, 0, ramp.copy())], tmp_path / "out.mov", clip, format="prores"))
    assert (film_.bit_depth, film_.codec) == (10, "prores")
    (frame,) = read_frames(film_)
    assert len(np.unique(frame.pixels[32, :, 1])) > 60  # eight bits would give 23
    assert abs(frame.pixels - ramp).max() < 0.004


def test_alpha_in_prores(make: Make, tmp_path: Path) -> None:
    clip = probe(make("in.mp4", frames=2))
    out = write_film(flat(clip, (0.5, 0.2, 0.1, 0.25)), tmp_path / "out.mov", clip, format="prores")
    with av.open(str(out)) as container:
        picture = next(container.decode(video=0))
        assert picture.format.name.startswith("yuva444p")
        depth = picture.format.components[0].bits
        alpha = np.frombuffer(picture.planes[3], "<u2")[0] / ((1 << depth) - 1)
    assert alpha == pytest.approx(0.25, abs=0.002)


def test_pixel_aspect_is_kept(make: Make, tmp_path: Path) -> None:
    clip = probe(make("in.mp4", "-vf", "setsar=4/3"))
    assert probe(write_film(flat(clip), tmp_path / "out.mp4", clip)).pixel_aspect == Fraction(4, 3)


def test_the_film_is_the_same_every_time(make: Make, tmp_path: Path) -> None:
    clip = probe(make("in.mp4", size="320x240", frames=20))
    first = write_film(read_frames(clip), tmp_path / "1.mp4", clip).read_bytes()
    assert write_film(read_frames(clip), tmp_path / "2.mp4", clip).read_bytes() == first


# ---------------------------------------------------------------------- sound


def test_real_sound_is_copied_bit_for_bit(shared_data: Path, tmp_path: Path) -> None:
    clip = probe(shared_data / "clips" / "cups_720p30_audio.mp4")
    small = replace(clip, width=64, height=36)
    out = write_film(flat(small), tmp_path / "out.mp4", small)
    assert packets(out) == packets(clip.path)
    film_ = probe(out)
    assert (film_.frame_count, film_.rate, film_.pts) == (300, Fraction(30000, 1001), clip.pts)


@pytest.mark.parametrize(
    ("name", "sound", "out"),
    [
        ("in.mp4", "aac", "out.mp4"),
        ("in.mov", "pcm_s16le", "out.mov"),
        ("in.mkv", "libopus", "out.mp4"),
        ("in.ts", "aac", "out.mp4"),
        ("in.mkv", "flac", "out.mp4"),
    ],
)
def test_sound_is_copied_in_step(make: Make, tmp_path: Path, name: str, sound: str, out: str) -> None:
    clip = probe(make(name, "-c:v", "libx264", sound=sound, rate="25", frames=50))
    whole = packets(clip.path)
    film_ = probe(write_film(flat(clip), tmp_path / out, clip))
    copied = packets(film_.path)
    assert len(copied) == len(whole)
    for (_, now), (_, was) in zip(copied, whole, strict=True):
        assert now == was[7:] if name == "in.ts" else now == was  # MP4 says once what ADTS says in each head
    lead = clip.pts[0] * clip.time_base - whole[0][0]
    assert abs((film_.pts[0] * film_.time_base - copied[0][0]) - lead) < Fraction(1, 1000)


def test_sound_of_a_part(make: Make, tmp_path: Path) -> None:
    clip = probe(make("in.mp4", "-c:v", "libx264", sound="aac", rate="25", frames=100))
    whole = packets(clip.path)
    out = write_film(flat(clip, start=30, end=70), tmp_path / "out.mp4", clip, start=30, end=70)
    part = packets(out)
    first = [data for _, data in whole].index(part[0][1])
    assert [data for _, data in part] == [data for _, data in whole[first : first + len(part)]]
    for (at, _), (was, _) in zip(part, whole[first:], strict=False):
        assert abs(at - (was - Fraction(30, 25))) < Fraction(1, 10000)
    assert part[0][0] <= 0 < part[1][0]
    assert part[-1][0] < Fraction(40, 25) <= part[-1][0] + Fraction(1024, 44100)


def test_two_sound_streams(make: Make, tmp_path: Path) -> None:
    one = make("one.mp4", "-c:v", "libx264", sound="aac")
    both = tmp_path / "both.mp4"
    run_ffmpeg(
        "-i",
        str(one),
        "-f",
        "lavfi",
        "-i",
        "sine",
        "-map",
        "0",
        "-map",
        "1",
        "-c:v",
        "copy",
        "-shortest",
        str(both),
    )
    clip = probe(both)
    out = write_film(flat(clip), tmp_path / "out.mp4", clip)
    assert [packets(out, n) for n in (0, 1)] == [packets(both, n) for n in (0, 1)]
    assert not probe(write_film(flat(clip), tmp_path / "mute.mp4", clip, audio=False)).audio


def test_sound_that_mp4_cannot_carry(make: Make, tmp_path: Path) -> None:
    clip = probe(make("in.mov", "-c:v", "libx264", sound="pcm_mulaw"))
    with pytest.raises(UsageError, match="pcm_mulaw") as caught:
        write_film(flat(clip), tmp_path / "out.mp4", clip)
    assert "out.mov" in str(caught.value.hint)
    out = write_film(flat(clip), tmp_path / "out.mov", clip)
    assert packets(out) == packets(clip.path)


# ---------------------------------------------------------------------- image sequences


@pytest.mark.parametrize(("form", "step"), [("png", 1 / 255), ("png16", 1 / 65535)])
def test_png_sequence(make: Make, tmp_path: Path, form: str, step: float) -> None:
    clip = probe(make("in.mp4", frames=4, sound="aac"))
    notes: list[Event] = []
    out = write_film(
        read_frames(clip), tmp_path / "comp" / "c.%06d.png", clip, format=form, listen=notes.append
    )
    assert left_over(tmp_path / "comp") == [f"c.{n:06d}.png" for n in range(4)]
    assert any(isinstance(note, Note) and "sound" in note.text for note in notes)
    for plate, got in zip(read_frames(clip), read_frames(probe(out)), strict=True):
        assert abs(plate.pixels - got.pixels).max() <= step * 0.51


def test_exr_sequence_is_linear_half(make: Make, tmp_path: Path) -> None:
    import OpenEXR

    clip = probe(make("in.mp4", frames=2))
    out = write_film(flat(clip, (0.5, 0.0, 1.0)), tmp_path / "c.exr", clip, format="exr")
    assert out.name == "c.%06d.exr"
    pixels = OpenEXR.File(str(tmp_path / "c.000001.exr")).channels()["RGB"].pixels
    assert pixels.dtype == np.float16
    np.testing.assert_allclose(pixels[3, 3], (0.21404, 0.0, 1.0), atol=2e-4)
    frame = next(iter(read_frames(probe(out))))
    np.testing.assert_allclose(frame.pixels[3, 3], (0.5, 0.0, 1.0), atol=5e-4)


def test_a_range_of_a_sequence_keeps_its_numbers(make: Make, tmp_path: Path) -> None:
    make("s.%04d.png", "-start_number", "1001", frames=5)
    clip = probe(tmp_path / "s.####.png")
    write_film(read_frames(clip, 1, 3), tmp_path / "o" / "s.%04d.png", clip, format="png", start=1, end=3)
    assert left_over(tmp_path / "o") == ["s.1002.png", "s.1003.png"]
    with pytest.raises(UsageError, match="exist"):
        write_film(read_frames(clip), tmp_path / "o" / "s.%04d.png", clip, format="png")
    write_film(read_frames(clip), tmp_path / "o" / "s.%04d.png", clip, format="png", overwrite=True)
    assert len(left_over(tmp_path / "o")) == 5
    with pytest.raises(UsageError, match="source"):
        write_film(read_frames(clip), tmp_path / "s.%04d.png", clip, format="png", overwrite=True)


# ---------------------------------------------------------------------- what is refused, what is left behind


def failing(clip: Clip, after: int) -> Iterator[Frame]:
    for frame in flat(clip):
        if frame.index == after:
            raise RuntimeError("the model broke")
        yield frame


@pytest.mark.parametrize("name", ["out.mp4", "out.%04d.png"])
def test_a_failing_pass_leaves_the_old_film(make: Make, tmp_path: Path, name: str) -> None:
    clip = probe(make("in.mp4"))
    folder = tmp_path / "films"
    folder.mkdir()
    form = "png" if "png" in name else "mp4"
    write_film(flat(clip), folder / name, clip, format=form)
    before = {entry: (folder / entry).read_bytes() for entry in left_over(folder)}
    for after in (0, 5):
        with pytest.raises(RuntimeError, match="the model broke"):
            write_film(failing(clip, after), folder / name, clip, format=form, overwrite=True)
    assert {entry: (folder / entry).read_bytes() for entry in left_over(folder)} == before


@pytest.mark.parametrize("form", ["mp4", "png"])
@pytest.mark.parametrize("change", ["short", "long", "swapped", "late", "size", "none"])
def test_frames_that_are_not_the_range(make: Make, tmp_path: Path, form: str, change: str) -> None:
    clip = probe(make("in.mp4"))
    frames = list(flat(clip))
    wrong = {
        "short": frames[:-1],
        "long": [*frames, frames[-1]],
        "swapped": [frames[1], frames[0], *frames[2:]],
        "late": [*frames[:-1], replace(frames[-1], pts=frames[-1].pts + 1)],
        "size": [*frames[:-1], replace(frames[-1], pixels=np.zeros((8, 8, 3), np.float32))],
        "none": [],
    }[change]
    folder = tmp_path / "films"
    with pytest.raises(OutputError):
        write_film(wrong, folder / f"out.{form}", clip, format=form)
    assert left_over(folder) == [] if folder.exists() else True


def test_existing_output_and_the_source(make: Make, tmp_path: Path) -> None:
    clip = probe(make("in.mp4"))
    (tmp_path / "out.mp4").write_text("old")
    with pytest.raises(UsageError, match="exists") as caught:
        write_film(flat(clip), tmp_path / "out.mp4", clip)
    assert "-y" in str(caught.value.hint)
    with pytest.raises(UsageError, match="source"):
        write_film(flat(clip), clip.path, clip, overwrite=True)
    with pytest.raises(UsageError, match="cannot be named"):
        write_film(flat(clip), tmp_path / "out.avi", clip)
    with pytest.raises(UsageError, match="no output format"):
        write_film(flat(clip), tmp_path / "out.mp4", clip, format="gif")
    assert (tmp_path / "out.mp4").read_text() == "old"


def test_a_folder_that_cannot_be_written(make: Make, tmp_path: Path) -> None:
    clip = probe(make("in.mp4"))
    (tmp_path / "file").touch()
    with pytest.raises(OutputError) as caught:
        write_film(flat(clip), tmp_path / "file" / "out.mp4", clip)
    assert caught.value.hint
    if os.geteuid() != 0:
        (tmp_path / "shut").mkdir(mode=0o500)
        with pytest.raises(OutputError, match="denied"):
            write_film(flat(clip), tmp_path / "shut" / "out.mp4", clip)


def test_a_full_disk(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file-size limit stands for the full disk: ffmpeg's writes fail in the same way."""
    clip = probe(make("in.mp4", size="160x120", frames=24))
    program = tmp_path / "ffmpeg"
    program.write_text(f'#!/bin/bash\ntrap "" XFSZ\nulimit -f 16\nexec "{binary.ffmpeg_binary()}" "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr(film, "ffmpeg_binary", lambda: str(program))
    folder = tmp_path / "films"
    rng = np.random.default_rng(0)
    noise = (replace(f, pixels=rng.random((120, 160, 3), np.float32)) for f in flat(clip))
    with pytest.raises(OutputError, match="File too large"):
        write_film(noise, folder / "out.mp4", clip)
    assert left_over(folder) == []


def test_an_ffmpeg_that_dies_is_quoted(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = probe(make("in.mp4", size="640x480", frames=10))
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\necho 'the encoder is not licensed' >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setattr(film, "ffmpeg_binary", lambda: str(program))
    with pytest.raises(OutputError, match="the encoder is not licensed"):
        write_film(flat(clip), tmp_path / "films" / "out.mp4", clip)
    assert left_over(tmp_path / "films") == []


def test_a_killed_run_leaves_nothing_under_the_name(make: Make, tmp_path: Path) -> None:
    source = make("in.mp4", frames=24)
    script = (
        "import sys, time\nfrom pathlib import Path\n"
        "from stylize.footage import probe, read_frames, write_film\n"
        "clip = probe(sys.argv[1])\n"
        "def slow():\n    for f in read_frames(clip):\n        yield f\n        print(f.index, flush=True)\n"
        "        time.sleep(0.0 if f.index < 12 else 60)\n"
        "write_film(slow(), Path(sys.argv[2]), clip, overwrite=True)\n"
    )
    out = tmp_path / "films" / "out.mp4"
    out.parent.mkdir()
    out.write_text("old")
    run = subprocess.Popen(
        [sys.executable, "-c", script, str(source), str(out)], stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    with run.stdout as lines:
        for line in lines:
            if line.strip() == "12":
                break
        run.send_signal(signal.SIGKILL)
        run.wait()
    time.sleep(0.2)
    assert out.read_text() == "old"


def test_the_program_on_path_must_serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\necho 'ffmpeg version 4.2.7 Copyright'\necho ' V..... libx264 prores_ks'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    binary.ffmpeg_binary.cache_clear()
    try:
        assert binary.ffmpeg_binary() != str(program)
        program.write_text(
            "#!/bin/sh\necho 'ffmpeg version 6.1 Copyright'\necho ' V..... libx264 prores_ks'\n"
        )
        binary.ffmpeg_binary.cache_clear()
        assert binary.ffmpeg_binary() == str(program)
    finally:
        binary.ffmpeg_binary.cache_clear()
