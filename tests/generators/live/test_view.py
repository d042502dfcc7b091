"""The live view: what is dropped, what is late, and what arrives where."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from stylize.errors import FootageError, UsageError
from stylize.footage import probe
from stylize.footage.camera import Captured, PlayedFilm, open_camera
from stylize.footage.clip import Pixels
from stylize.footage.live_film import LiveFilm
from stylize.footage.loopback import loopback_command
from stylize.generators.live.newest import Newest
from stylize.generators.live.outputs import RawPipe, open_output
from stylize.generators.live.view import run_live
from tests.live_model import write_pattern


class Clock:
    """A camera of `count` pictures, `interval` s apart; each picture holds its own number."""

    def __init__(self, count: int, interval: float) -> None:
        self.count, self.interval, self.rate = count, interval, 1 / interval

    def pictures(self) -> Iterator[Captured]:
        began = time.monotonic()
        for number in range(self.count):
            time.sleep(max(0.0, began + number * self.interval - time.monotonic()))
            yield Captured(np.full((16, 24, 3), number, np.uint8), time.monotonic())

    def close(self) -> None:
        return


class AtOnce:
    """Draws in no time."""

    def draw(self, picture: Pixels) -> Pixels:
        return picture


class ThreeLate:
    """A camera of `count` pictures, and a drawer in whose time three more pictures come."""

    rate = 0.0

    def __init__(self, count: int) -> None:
        self.count, self.left = count, count
        self.may_come, self.came = threading.Semaphore(1), threading.Semaphore(0)

    def pictures(self) -> Iterator[Captured]:
        for number in range(self.count):
            self.may_come.acquire()
            yield Captured(np.full((16, 24, 3), number, np.uint8), time.monotonic())
            self.came.release()

    def draw(self, picture: Pixels) -> Pixels:
        if self.left == self.count:
            self._let_come(0, 1)
        self._let_come(min(3, self.left), min(3, self.left))
        return picture

    def _let_come(self, pictures: int, waits_for: int) -> None:
        for _ in range(pictures):
            self.may_come.release()
        for _ in range(waits_for):
            self.came.acquire()
            self.left -= 1

    def close(self) -> None:
        return


class Seen:
    def __init__(self) -> None:
        self.numbers: list[int] = []

    def show(self, drawing: Pixels, at: float) -> bool:
        self.numbers.append(round(float(drawing.mean()) * 255))
        return True

    def close(self, whole: bool) -> None:
        return


def test_pictures_are_shown_in_their_order() -> None:
    seen = Seen()
    state = run_live(Clock(8, 0.03), AtOnce(), seen, 512)
    assert seen.numbers == sorted(set(seen.numbers))
    assert (state.shown, state.shown + state.dropped) == (len(seen.numbers), 8)


def test_what_comes_while_another_is_drawn_is_dropped_but_the_newest() -> None:
    late, seen = ThreeLate(13), Seen()
    state = run_live(late, late, seen, 512)
    assert seen.numbers == [0, 3, 6, 9, 12]
    assert (state.shown, state.dropped) == (5, 8)
    assert state.worst_s >= state.latency_s > 0


def test_the_view_ends_when_it_is_asked_to() -> None:
    state = run_live(Clock(1000, 0.005), AtOnce(), Seen(), 512, stop=lambda state: state.shown >= 3)
    assert state.shown == 3


def test_pictures_are_drawn_at_the_size_that_is_asked_for() -> None:
    assert run_live(Clock(1, 0.01), AtOnce(), Seen(), 8).size == (12, 8)


def test_what_the_camera_raises_is_raised() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise FootageError("gone")

    with Newest(broken()) as numbers:
        time.sleep(0.05)
        assert numbers.take() == 1
        with pytest.raises(FootageError, match="gone"):
            numbers.take()


def test_a_film_is_played_in_its_own_time(tmp_path: Path) -> None:
    clip = write_pattern(tmp_path / "clip.mp4", frames=6, size=(64, 48))
    camera = open_camera(str(clip))
    began = time.monotonic()
    pictures = list(camera.pictures())
    camera.close()
    spent = time.monotonic() - began
    assert len(pictures) == 6
    assert spent > 4 / camera.rate  # no sooner; a busy machine may be later
    assert pictures[0].levels.shape == (48, 64, 3)


def test_a_film_arrives_through_a_pipe(tmp_path: Path) -> None:
    clip = write_pattern(tmp_path / "clip.mkv", frames=4, size=(64, 48))
    camera = PlayedFilm(io.BytesIO(clip.read_bytes()), paced=False)
    assert len(list(camera.pictures())) == 4
    camera.close()
    with pytest.raises(FootageError, match="pipe"):
        PlayedFilm(io.BytesIO(b"no film at all" * 100), paced=False)


def test_what_comes_through_a_pipe_opens_no_other_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ffmpeg knows lists of other films, and would play those."""
    write_pattern(tmp_path / "mine.mp4", frames=2, size=(64, 48))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FootageError, match="pipe"):
        PlayedFilm(io.BytesIO(b"ffconcat version 1.0\nfile 'mine.mp4'\n"), paced=False)


def test_a_film_through_a_pipe_has_no_absurd_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stylize.footage.limits.LARGEST_SIDE_PX", 48)
    clip = write_pattern(tmp_path / "clip.mkv", frames=2, size=(64, 48))
    with pytest.raises(FootageError, match="64x48"):
        PlayedFilm(io.BytesIO(clip.read_bytes()), paced=False)


def test_a_camera_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="no such camera or film"):
        open_camera("nowhere.mp4")


def test_a_live_film_keeps_the_times_of_its_pictures(tmp_path: Path) -> None:
    film = LiveFilm(tmp_path / "live.mp4")
    for number, at in enumerate((10.0, 10.1, 10.4, 10.5)):
        film.show(np.full((33, 47, 3), number / 4, np.float32), at)
    film.close(whole=True)
    clip = probe(tmp_path / "live.mp4")
    times = [float((clip.pts_of(n) - clip.pts_of(0)) * clip.time_base) for n in range(clip.frame_count)]
    assert times == pytest.approx([0, 0.1, 0.4, 0.5], abs=0.002)
    assert (clip.width, clip.height) == (46, 32)


def test_a_live_film_that_failed_leaves_nothing(tmp_path: Path) -> None:
    film = LiveFilm(tmp_path / "live.mp4")
    film.show(np.zeros((32, 32, 3), np.float32), 0.0)
    film.close(whole=False)
    assert list(tmp_path.iterdir()) == []


def test_raw_pictures_go_through_a_pipe() -> None:
    stream = io.BytesIO()
    RawPipe(stream).show(np.full((2, 3, 3), 0.5, np.float32), 0.0)
    assert stream.getvalue() == bytes([128]) * 18


def test_names_of_outputs(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").touch()
    with pytest.raises(UsageError, match="exists"):
        open_output(str(tmp_path / "film.mp4"), io.BytesIO())
    with pytest.raises(UsageError, match="mkv"):
        open_output(str(tmp_path / "film.gif"), io.BytesIO())
    command = loopback_command(Path("/dev/video9"), 640, 480)
    assert command[-5:] == ["-f", "v4l2", "-pix_fmt", "yuv420p", "/dev/video9"]
    assert "640x480" in command
