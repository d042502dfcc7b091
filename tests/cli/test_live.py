"""`stylize live` as it is typed: how it ends, and what goes to stdout."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from stylize import footage
from stylize.footage.clip import Pixels
from stylize.footage.live_film import LiveFilm
from tests.live_model import write_negative

from .conftest import Typed


def test_ctrl_c_ends_the_film_whole(
    typed: Typed,
    clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    write_negative(tmp_path / "negative")
    show, shown = LiveFilm.show, 0

    def show_and_stop(film: LiveFilm, drawing: Pixels, at: float) -> bool:
        nonlocal shown
        shown += 1
        if shown == 3:
            signal.raise_signal(signal.SIGINT)
        return show(film, drawing, at)

    monkeypatch.setattr(LiveFilm, "show", show_and_stop)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    said = typed("live", clip, "--model", "negative", "-o", "live.mp4", "--json")
    assert said.code == 0, said.err
    assert (said.lines[-1]["event"], said.lines[-1]["shown"]) == ("live-ended", 2)
    assert footage.probe(Path("live.mp4")).frame_count == 2


def test_pictures_and_events_do_not_share_stdout(typed: Typed, clip: Path) -> None:
    said = typed("live", clip, "-o", "-", "--json")
    assert (said.code, "both write to stdout" in said.out) == (2, True)
