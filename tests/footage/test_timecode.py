from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from stylize.errors import UsageError
from stylize.footage import Clip, format_time, parse_time

FILM = Clip(Path("f.mp4"), 64, 48, Fraction(24), Fraction(1, 24), 24 * 4000)
NTSC = Clip(Path("n.mp4"), 64, 48, Fraction(30000, 1001), Fraction(1001, 30000), 300)
SLIDES = Clip(
    Path("v.mp4"), 64, 48, Fraction(1), Fraction(1, 1000), 4, pts=(500, 540, 1540, 4500)
)  # shown at 0, 0.04, 1.04 and 4 s


@pytest.mark.parametrize(
    ("text", "clip", "frame"),
    [
        ("0", FILM, 0),
        ("120f", FILM, 120),
        ("12.5", FILM, 300),
        ("12.5s", FILM, 300),
        ("00:01:02.5", FILM, 1500),
        ("1:02.5", FILM, 1500),
        ("1:06:40", FILM, 96000),
        ("90", FILM, 2160),
        ("300f", NTSC, 300),
        ("1.001", NTSC, 30),
        ("1.000", NTSC, 29),
        ("0.033", NTSC, 1),
        ("10.01", NTSC, 300),
        ("0", SLIDES, 0),
        ("0.03", SLIDES, 0),
        ("0.04", SLIDES, 1),
        ("1.039", SLIDES, 1),
        ("3.9", SLIDES, 2),
        ("4", SLIDES, 3),
        ("5", SLIDES, 4),
    ],
)
def test_the_frame_on_screen(text: str, clip: Clip, frame: int) -> None:
    assert parse_time(text, clip) == frame


@pytest.mark.parametrize("clip", [NTSC, SLIDES])
def test_a_written_time_means_its_frame(clip: Clip) -> None:
    for index in range(clip.frame_count + 1):
        assert parse_time(format_time(index, clip), clip) == index


@pytest.mark.parametrize("text", ["", "soon", "1:75", "1:75:00", "-3", "1e3", "12f5", "10.2", "301f", "٣f"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_time(text, NTSC)
    assert caught.value.hint


def test_importing_footage_is_quick_and_light() -> None:
    script = (
        "import sys, stylize.footage\n"
        "heavy = {'torch', 'scenedetect', 'cv2', 'scipy', 'diffusers', 'av'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "stylize.footage.probe, stylize.footage.find_shots, stylize.footage.write_film\n"
        "assert not {'torch', 'scenedetect', 'scipy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
