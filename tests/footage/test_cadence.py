"""Which frames are drawn: holds, motion, repeats and cuts."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from stylize import footage
from stylize.footage.cadence import Motion, choose_hold, expose
from stylize.footage.clip import Clip, Frame, Shot
from stylize.footage.picture_scan import lay_out, scan_pictures

RATE = 24


def texture(seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).random((96, 160, 3), dtype=np.float32)
    return np.clip(0.5 + 6 * (cv2.GaussianBlur(noise, (0, 0), 3) - 0.5), 0, 1)


def moved(picture: np.ndarray, px: float) -> np.ndarray:
    matrix = np.float32([[1, 0, px], [0, 1, 0]])
    return cv2.warpAffine(picture, matrix, (160, 96), borderMode=cv2.BORDER_REFLECT_101)


def write(path: Path, pictures: list[np.ndarray]) -> Clip:
    """A film of these pictures at 24 frames a second."""
    like = Clip(path, 160, 96, Fraction(RATE), Fraction(1, RATE), len(pictures))
    frames = [Frame(index, index, picture) for index, picture in enumerate(pictures)]
    footage.write_film(frames, path, like, format="mp4", audio=False)
    return footage.probe(path)


def test_twos_begin_anew_at_every_cut() -> None:
    sheet = expose([Shot(10, 15), Shot(15, 18)], [2, 3], range(10, 18))
    assert sheet.shown == (10, 10, 12, 12, 14, 15, 15, 15)
    assert sheet.drawings == (10, 12, 14, 15)
    assert (sheet.drawing_at(13), sheet.hold_end(12), sheet.hold_end(16)) == (12, 14, 18)
    assert sheet.holds_any
    assert sheet.longest == 3


def test_ones_are_every_frame() -> None:
    sheet = expose([Shot(0, 4)], [1], range(4))
    assert sheet.drawings == sheet.shown == (0, 1, 2, 3)
    assert not sheet.holds_any


def test_a_repeat_gets_no_drawing_and_a_hold_waits_for_a_new_picture() -> None:
    pictures = [0, 0, 2, 3, 3, 3, 6]
    assert expose([Shot(0, 7)], [1], pictures).drawings == (0, 2, 3, 6)
    twos = expose([Shot(0, 7)], [2], pictures)
    assert twos.shown == (0, 0, 2, 2, 4, 4, 6)
    assert twos.repeats == 3
    assert [twos.shows_it_as_it_is(i) for i in range(7)] == [True, True, True, False, True, True, True]


def test_what_stands_still_at_the_beginning_is_counted() -> None:
    """Black and bars of twelve frames and more; a picture that is held for two later on is none of them."""
    pictures = [*[0] * 12, *[12] * 24, 36, 37, 37, *[39] * 30]
    assert expose([Shot(0, 69)], [1], pictures).still_lead(12) == 36
    assert expose([Shot(0, 69)], [1], pictures).still_lead(13) == 0
    assert expose([Shot(5, 17)], [1], [5] * 12).still_lead(12) == 12


@pytest.mark.parametrize(
    ("motion", "rate", "hold"),
    [
        (Motion(0, 0.0005), 24, 3),
        (Motion(0, 0.02), 24, 2),
        (Motion(0, 0.2), 24, 1),
        (Motion(0.02, 0.02), 24, 1),  # a pan
        (Motion(0, 0), 12, 1),  # on twos only six drawings a second
        (Motion(0, 0), 18, 2),
    ],
)
def test_the_hold_follows_motion_and_rate(motion: Motion, rate: int, hold: int) -> None:
    assert choose_hold(motion, Fraction(rate)) == hold


def test_repeated_pictures_are_found_through_the_codec_and_slow_moves_are_none(tmp_path: Path) -> None:
    scene = texture(1)
    stepped = [moved(scene, 3 * (n // 3)) for n in range(15)]
    found = scan_pictures(write(tmp_path / "a.mp4", stepped), [Shot(0, 15)], motion=False).pictures
    assert found[:14] == tuple(n // 3 * 3 for n in range(14))  # a film's last frame is coded more coarsely
    slow = scan_pictures(
        write(tmp_path / "b.mp4", [moved(scene, 0.3 * n) for n in range(12)]), [Shot(0, 12)], motion=False
    )
    assert slow.pictures == tuple(range(12))


def test_a_small_change_is_no_repeat(tmp_path: Path) -> None:
    blinks = [texture(1) for _ in range(6)]
    blinks[3][40:48, 60:68] = 1 - blinks[3][40:48, 60:68]
    pictures = scan_pictures(write(tmp_path / "c.mp4", blinks), [Shot(0, 6)], motion=False).pictures
    assert (pictures[2], pictures[3], pictures[4]) == (0, 3, 4)


def test_a_cut_between_equal_pictures_is_a_wall(tmp_path: Path) -> None:
    still = write(tmp_path / "d.mp4", [texture(1)] * 6)
    shots = [Shot(0, 4), Shot(4, 6)]
    scan = scan_pictures(still, shots, motion=False)
    assert lay_out(scan, shots, "ones", still.rate).drawings == (0, 4)


def test_auto_looks_at_each_shot_alone(tmp_path: Path) -> None:
    flying = [moved(texture(2), 40 * np.sin(n)) for n in range(6)]
    acting = [texture(3) for n in range(6)]
    for n, frame in enumerate(acting):
        frame[30:60, 50:80] = moved(texture(4), 2 * n)[30:60, 50:80]
    clip = write(tmp_path / "e.mp4", flying + acting)
    shots = [Shot(0, 6), Shot(6, 12)]
    sheet = lay_out(scan_pictures(clip, shots, motion=True), shots, "auto", clip.rate)
    assert sheet.holds == (1, 2)
    assert sheet.drawings == (0, 1, 2, 3, 4, 5, 6, 8, 10)


def test_picked_frames_are_those_of_the_whole_clip(tmp_path: Path) -> None:
    clip = write(tmp_path / "f.mp4", [moved(texture(5), 4 * n) for n in range(8)])
    whole = [frame.pixels for frame in footage.read_frames(clip)]
    picked = list(footage.pick_frames(clip, [1, 4, 5]))
    assert [frame.index for frame in picked] == [1, 4, 5]
    for frame in picked:
        np.testing.assert_array_equal(frame.pixels, whole[frame.index])
    assert list(footage.pick_frames(clip, [])) == []
