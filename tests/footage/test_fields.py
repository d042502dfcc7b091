"""Interlaced clips: a bar that moves between the fields leaves combs, and none when they are read."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from stylize.footage import probe, read_frames, write_film

from .conftest import Make

INTERLACE = "format=yuv420p,interlace=scan={}:lowpass=off"


def interlaced(make: Make, name: str = "i.mp4", first: str = "tff", *options: str, frames: int = 12) -> Path:
    coder = options or ("-c:v", "libx264", "-crf", "4", "-x264-params", f"{first}=1")
    return make(
        name, "-vf", INTERLACE.format(first), *coder, rate="50", frames=frames, size="128x96"
    )  # fmt: skip


def combs(pixels: np.ndarray) -> float:
    """How much lines differ from both of their neighbours, in the same direction."""
    grey = pixels.mean(axis=2)
    up, down = grey[1:-1] - grey[:-2], grey[1:-1] - grey[2:]
    return float(np.where(up * down > 0, np.minimum(abs(up), abs(down)), 0).mean())


def stored(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [picture.to_ndarray(format="rgb24") / np.float32(255) for picture in container.decode(video=0)]


@pytest.mark.parametrize("first", ["tff", "bff"])
def test_combs_go_and_times_stay(make: Make, tmp_path: Path, first: str) -> None:
    path = interlaced(make, first=first)
    clip = probe(path)
    assert clip.interlaced
    assert clip.notes == (
        "The clip is marked as interlaced: it is deinterlaced before it is drawn, at its own rate, "
        "but for frames that are whole.",
    )
    assert clip.treatment == ("bwdif 1, whole frames 1",)
    frames, with_combs = list(read_frames(clip)), stored(path)
    assert [frame.pts for frame in frames] == list(clip.pts)
    assert clip.rate == 25
    assert np.mean([combs(f.pixels) for f in frames]) < 0.5 * np.mean([combs(each) for each in with_combs])
    write_film(frames, tmp_path / "film.mp4", clip)
    film = probe(tmp_path / "film.mp4")
    assert (film.interlaced, film.rate, film.frame_count) == (False, clip.rate, clip.frame_count)


@pytest.mark.parametrize(
    ("name", "coder"),
    [
        ("dv.mov", ["-c:v", "prores_ks", "-flags", "+ildct"]),
        ("broadcast.ts", ["-c:v", "mpeg2video", "-flags", "+ilme+ildct", "-q:v", "2"]),
        ("tape.mkv", ["-c:v", "libx264", "-x264-params", "bff=1", "-pix_fmt", "yuv422p10le"]),
    ],
)
def test_other_codecs(make: Make, name: str, coder: list[str]) -> None:
    clip = probe(interlaced(make, name, "tff" if "bff" not in str(coder) else "bff", *coder))
    assert clip.interlaced
    assert np.mean([combs(frame.pixels) for frame in read_frames(clip)]) < 0.02


def test_a_frame_is_the_same_from_any_start(make: Make) -> None:
    clip = probe(interlaced(make, frames=24))
    whole = [frame.pixels for frame in read_frames(clip)]
    for start, end in ((0, 1), (3, 7), (11, 12), (5, 6)):
        part = list(read_frames(clip, start, end))
        assert [frame.index for frame in part] == list(range(start, end))
        assert all((frame.pixels == whole[frame.index]).all() for frame in part)


def test_whole_frames_among_them_stay_as_they_are(make: Make) -> None:
    """Telecined films mix frames of two moments with whole ones, which are flagged so."""
    path = make("whole.ts", "-c:v", "mpeg2video", "-q:v", "2", size="128x96")
    clip = probe(path)
    assert not clip.interlaced
