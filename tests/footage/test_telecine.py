"""Film at 24 frames a second that was laid on fields, two and three in turn, comes back as it was."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from pydantic import TypeAdapter

from stylize.footage import probe, read_frames, write_film
from stylize.footage.clip import Clip

from .conftest import run_ffmpeg
from .test_field_order import HEIGHT, WIDTH, pan
from .test_fields import combs

FIELDS = (0, 0, 1, 1, 1, 2, 2, 3, 3, 3)
"""Which of four frames of film each of ten fields shows."""
FIELDS_OF_24PA = (0, 0, 1, 1, 1, 2, 2, 2, 3, 3)
NTSC, FILM = Fraction(30000, 1001), Fraction(24000, 1001)


def film_frame(number: int) -> np.ndarray:
    return pan(number, 6)


def telecined(count: int, first: str, phase: int = 0, fields: Sequence[int] = FIELDS) -> list[np.ndarray]:
    """Frames of video; `phase` of them come before the first that begins a cycle."""
    early = 0 if first == "tff" else 1
    frames = []
    for n in range(5 - phase, 5 - phase + count):
        pair = [4 * (field // 10) + fields[field % 10] for field in (2 * n, 2 * n + 1)]
        picture = film_frame(pair[0])
        picture[1 - early :: 2] = film_frame(pair[1])[1 - early :: 2]
        frames.append(picture)
    return frames


def video(path: Path, frames: Sequence[np.ndarray], flags: str = "", rate: Fraction = NTSC) -> Path:
    options = {"crf": "8", "preset": "ultrafast"} | ({"x264-params": f"{flags}=1"} if flags else {})
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for grey in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.dstack([grey] * 3), format="rgb24")))
        container.mux(stream.encode(None))
    return path


def film_numbers(frames: Sequence[np.ndarray]) -> list[int]:
    """Which frame of film each picture shows, to which it must be very close."""
    numbers = []
    for pixels in frames:
        errors = [float(abs(pixels.mean(axis=2) * 255 - film_frame(n)).mean()) for n in range(60)]
        assert min(errors) < 4
        numbers.append(int(np.argmin(errors)))
    return numbers


@pytest.mark.parametrize(
    ("first", "flags", "phase"),
    [*(("tff", "", phase) for phase in range(5)), ("bff", "", 1), ("tff", "tff", 3), ("bff", "bff", 4)],
)
def test_film_comes_back(tmp_path: Path, first: str, flags: str, phase: int) -> None:
    clip = probe(video(tmp_path / "tape.mov", telecined(33, first, phase), flags))
    assert clip.pulldown is not None
    assert (clip.pulldown.order, clip.pulldown.phase, clip.interlaced) == (first, phase, False)
    assert clip.treatment == (f"pulldown 1 2:3 {first} {phase}",)
    assert clip.rate == FILM
    assert clip.has_constant_rate
    assert clip.notes == ("The clip is telecined (29.97 frames a second): it is drawn as film, at 23.976.",)
    frames = list(read_frames(clip))
    numbers = film_numbers([frame.pixels for frame in frames])
    assert numbers == list(range(numbers[0], numbers[0] + clip.frame_count))
    assert clip.frame_count >= 33 * 4 // 5 - 1
    assert [frame.pts for frame in frames] == list(clip.pts)
    shown = (numbers[0] - 4) * 5 / 4 + phase
    assert abs(float(clip.pts[0] * clip.time_base * NTSC) - shown) < 1e-3
    assert {b - a for a, b in pairwise(clip.pts)} == {5005}


@pytest.mark.parametrize(("first", "phase"), [("bff", 0), ("bff", 2), ("tff", 4)])
def test_film_of_a_camera_that_means_to_be_brought_back(tmp_path: Path, first: str, phase: int) -> None:
    """24p advanced, 2:3:3:2: four of five frames are whole, and those are taken as they are."""
    clip = probe(video(tmp_path / "tape.avi", telecined(33, first, phase, FIELDS_OF_24PA)))
    assert clip.treatment == (f"pulldown 1 2:3:3:2 {first} {phase}",)
    assert clip.rate == FILM
    numbers = film_numbers([frame.pixels for frame in read_frames(clip)])
    assert numbers == list(range(numbers[0], numbers[0] + clip.frame_count))
    assert clip.frame_count >= 33 * 4 // 5 - 1


def test_a_frame_is_the_same_from_any_start(tmp_path: Path) -> None:
    clip = probe(video(tmp_path / "tape.mov", telecined(40, "tff", 3), "tff"))
    whole = [frame.pixels for frame in read_frames(clip)]
    for start in range(clip.frame_count):
        for end in {min(start + 1, clip.frame_count), min(start + 4, clip.frame_count)}:
            part = list(read_frames(clip, start, end))
            assert [frame.index for frame in part] == list(range(start, end))
            assert all((frame.pixels == whole[frame.index]).all() for frame in part)


@pytest.mark.parametrize("name", ["tape.ts", "tape.mkv"])
def test_other_clocks(tmp_path: Path, name: str) -> None:
    """Of 1/90000 and 1/1000 of a second: the film's times are exact all the same."""
    clip = probe(video(tmp_path / name, telecined(30, "tff", 1)))
    assert clip.rate == FILM
    assert {(b - a) * clip.time_base for a, b in pairwise(clip.pts)} == {1 / FILM}


def test_a_record_holds_the_cycle(tmp_path: Path) -> None:
    """A worker reads the clip from the job's record, and sees no film."""
    clip = probe(video(tmp_path / "tape.ts", telecined(30, "bff", 2)))
    record = TypeAdapter(Clip)
    assert record.validate_json(record.dump_json(clip)) == clip


def test_thirty_frames_a_second(tmp_path: Path) -> None:
    clip = probe(video(tmp_path / "tape.mp4", telecined(30, "bff"), rate=Fraction(30)))
    assert clip.rate == 24
    assert clip.has_constant_rate


def test_sound_stays_in_sync(tmp_path: Path) -> None:
    silent = video(tmp_path / "silent.mov", telecined(60, "tff", 2))
    path = tmp_path / "tape.mov"
    run_ffmpeg(
        "-i", str(silent), "-f", "lavfi", "-i", "sine=440:sample_rate=48000:duration=2",
        "-c:v", "copy", "-c:a", "aac", "-timecode", "01:00:00:00", str(path),
    )  # fmt: skip
    clip = probe(path)
    assert clip.rate == FILM
    assert clip.timecode is not None
    assert (clip.timecode.fps, clip.timecode.drop) == (24, False)
    assert clip.timecode.frame == 24 * 3600 + 1
    out = tmp_path / "film.mov"
    write_film(read_frames(clip), out, clip)
    film = probe(out)
    assert (film.rate, film.frame_count, len(film.audio)) == (FILM, clip.frame_count, 1)
    before, after = (
        float(each.pts[0] * each.time_base - max(Fraction(0), each.audio[0].start)) for each in (clip, film)
    )
    assert abs(before - after) < 0.001


def test_a_broken_cycle_is_deinterlaced(tmp_path: Path) -> None:
    """As after an edit: two parts whose cycles begin at different places."""
    frames = telecined(50, "tff", 0)[:41] + telecined(80, "tff", 0)[48:]
    clip = probe(video(tmp_path / "edited.mov", frames))
    assert (clip.pulldown, clip.interlaced, clip.field_order, clip.rate) == (None, True, "tff", NTSC)
    assert len(clip.notes) == 2
    assert "cycle of five frames breaks" in clip.notes[0]
    read = [frame.pixels for frame in read_frames(clip)]
    assert len(read) == len(frames)
    kept = [np.dstack([frame] * 3) / 255 for frame in frames]
    assert np.mean([combs(each) for each in read]) < 0.5 * np.mean([combs(each) for each in kept])


def test_film_with_every_fourth_frame_twice_is_not_telecined(tmp_path: Path) -> None:
    frames = [film_frame(4 * n + place) for n in range(10) for place in (0, 1, 2, 3, 3)]
    clip = probe(video(tmp_path / "doubled.mp4", frames))
    assert (clip.pulldown, clip.interlaced, clip.rate) == (None, False, NTSC)


def test_progressive_and_interlaced_video_is_not_telecined(tmp_path: Path) -> None:
    progressive = probe(video(tmp_path / "p.mp4", [film_frame(n) for n in range(40)]))
    assert (progressive.pulldown, progressive.interlaced) == (None, False)
    fields = []
    for n in range(40):
        picture = pan(n, 6)
        picture[1::2] = pan(n + 0.5, 6)[1::2]
        fields.append(picture)
    interlaced = probe(video(tmp_path / "i.mp4", fields, "tff"))
    assert (interlaced.pulldown, interlaced.interlaced, interlaced.field_order) == (None, True, None)
