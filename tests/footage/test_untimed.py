"""Files that do not say when their frames are shown: raw streams, Matroska before zero, stopped clocks."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from stylize.footage import pick_frames, probe, read_frames, write_film
from stylize.footage.untimed import times_by_order

from .conftest import Make

HEVC = ("-c:v", "libx265", "-x265-params", "log-level=none:pools=1:keyint=5")
STOPPED = ("-bsf:v", "setts=pts=0:dts=0")
BEFORE_ZERO = ("-output_ts_offset", "-0.2", "-avoid_negative_ts", "disabled")


@pytest.mark.parametrize(
    ("name", "words", "rate"),
    [
        ("camera.264", ("-c:v", "libx264", "-g", "5", "-bf", "2"), "24000/1001"),
        ("camera.265", HEVC, "30"),
        ("recorder.mkv", ("-c:v", "libx264", "-g", "5", *BEFORE_ZERO), "25"),
        ("stopped.mkv", ("-c:v", "libx264", "-g", "5", "-bf", "2", *STOPPED), "25"),
    ],
)
def test_frames_without_times_come_by_their_order(
    make: Make, tmp_path: Path, name: str, words: tuple[str, ...], rate: str
) -> None:
    path = make(name, *words, rate=rate, frames=14, size="64x64")
    clip = probe(path)
    assert (clip.frame_count, clip.rate, clip.untimed) == (14, Fraction(rate), True)
    assert clip.has_constant_rate
    assert any("does not say when" in note for note in clip.notes)
    whole = [frame.pixels for frame in read_frames(clip)]
    assert len({pixels.tobytes() for pixels in whole}) == 14
    for start in range(14):
        part = list(read_frames(clip, start, min(start + 3, 14)))
        assert all((frame.pixels == whole[frame.index]).all() for frame in part)
        assert [frame.pts for frame in part] == list(clip.pts[start : start + 3])
    assert [frame.index for frame in pick_frames(clip, (2, 9))] == [2, 9]
    write_film(read_frames(clip), tmp_path / "film.mp4", clip)
    film = probe(tmp_path / "film.mp4")
    assert (film.frame_count, film.rate, film.untimed) == (14, Fraction(rate), False)
    assert np.abs(next(read_frames(film, 7)).pixels - whole[7]).mean() < 0.05


def test_times_lead_up_to_those_that_there_are() -> None:
    step = Fraction(1000, 30)
    assert times_by_order((None, None, None), step) == (0, 33, 67)
    assert times_by_order((None, None, 100, None, None, 300), step) == (33, 67, 100, 133, 167, 300)
    assert times_by_order((0, None, None, 40), step) == (0, 33, 67, 100)
    assert times_by_order((None,), step) == (0,)
