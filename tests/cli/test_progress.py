"""Events as bars, as lines and as numbers."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from stylize.cli.progress import Bars, PlainLines, choose_renderer
from stylize.cli.terminal import Terminal
from stylize.cli.units import spell_bytes, spell_rate, spell_seconds
from stylize.events import Event, FrameDone, Note, PassFinished, PassStarted
from stylize.report.tally import Tally


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def screen(is_terminal: bool) -> tuple[Terminal, io.StringIO]:
    terminal, shown = Terminal(), io.StringIO()
    terminal.err = Console(file=shown, force_terminal=is_terminal, width=100)
    return terminal, shown


def a_pass(tally: Tally, clock: Clock, frames: int, each_s: float) -> list[Event]:
    events: list[Event] = [PassStarted("style", frames)]
    tally.take(events[0])
    for index in range(frames):
        clock.now += each_s
        tally.take(FrameDone("style", index))
    return events


def test_speed_and_time_left_are_measured() -> None:
    clock = Clock()
    tally = Tally([("style", 10, 4), ("finish", 10, 0)], clock)
    assert (tally.done, tally.total, tally.seconds_left) == (4, 20, None)
    style = tally.take(PassStarted("style", 10, 4))
    for index in (4, 5, 6):
        clock.now += 2
        tally.take(FrameDone("style", index))
    assert style is not None
    assert (style.done, style.fresh, style.rate) == (7, 3, 0.5)
    assert style.seconds_left == 6
    assert tally.seconds_left == (6, False), "finish has not begun: nobody knows its speed"
    tally.take(PassFinished("style", 12.0))
    assert style.rate == pytest.approx(3 / 12)
    tally.take(PassStarted("finish", 10))
    for index in range(2):
        clock.now += 1
        tally.take(FrameDone("finish", index))
    assert tally.seconds_left == (8, True)
    assert tally.elapsed == 8


def test_the_wait_for_the_weights_is_no_speed() -> None:
    clock = Clock()
    tally = Tally(clock=clock)
    style = tally.take(PassStarted("style", 12))
    assert style is not None
    clock.now += 60
    tally.take(FrameDone("style", 0))
    assert style.seconds_left is None
    clock.now += 2
    tally.take(FrameDone("style", 1))
    assert style.seconds_left == 20


def test_a_pass_that_changes_speed_is_judged_by_its_last_frames() -> None:
    clock = Clock()
    tally = Tally(clock=clock)
    a_pass(tally, clock, 100, 5.0)
    for index in range(40):
        clock.now += 0.5
        tally.take(FrameDone("style", 100 + index))
    assert tally.passes["style"].rate == pytest.approx(2)


def test_a_pass_found_done_has_no_speed() -> None:
    tally = Tally()
    tally.take(PassStarted("style", 5, 5))
    tally.take(PassFinished("style", 0.0))
    assert tally.passes["style"].rate is None
    assert tally.passes["style"].seconds_left == 0


def test_plain_lines_come_at_both_ends_and_every_ten_seconds() -> None:
    clock = Clock()
    terminal, shown = screen(is_terminal=False)
    lines = PlainLines(terminal, Tally(clock=clock))
    lines(PassStarted("style", 30, 6))
    for index in range(6, 30):
        clock.now += 1
        lines(FrameDone("style", index))
    lines(Note("The sound is longer."))
    lines(PassFinished("style", 24.0))
    assert shown.getvalue().splitlines() == [
        "style: 30 frames, 6 done already",
        "style: 16/30 1.0 fps, 14 s left",
        "style: 26/30 1.0 fps, 4.0 s left",
        "note: The sound is longer.",
        "style: 30/30 done in 24 s, 1.0 fps",
    ]


def test_bars_show_the_clip_and_a_line_for_each_pass() -> None:
    clock = Clock()
    terminal, shown = screen(is_terminal=True)
    with Bars(terminal, "two [red] scenes.mp4", Tally([("style", 4, 0), ("finish", 4, 0)], clock)) as bars:
        bars(PassStarted("style", 4))
        for index in range(4):
            clock.now += 0.25
            bars(FrameDone("style", index))
        bars(PassFinished("style", 1.0))
        bars(Note("Look [here]."))
        bars(PassStarted("finish", 4, 3))
    text = shown.getvalue()
    assert terminal.live is None
    last = text[text.rindex("two [red] scenes.mp4") :]
    assert "88%" in last
    assert "style" in last
    assert "4/4  4.0 fps  in 1.0 s" in last
    assert "3/4" in last
    assert "note: Look [here]." in text


def test_the_renderer_fits_the_terminal() -> None:
    def chosen(is_terminal: bool, progress: bool = True, as_json: bool = False) -> str:
        terminal, _ = screen(is_terminal)
        terminal.as_json, terminal.progress = as_json, progress
        return type(choose_renderer(terminal, "clip", [])).__name__

    assert chosen(True) == "Bars"
    assert chosen(False) == "PlainLines"
    assert chosen(True, progress=False) == "NotesOnly"
    assert chosen(True, as_json=True) == "JsonLines"


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.04, "0.0 s"), (9.94, "9.9 s"), (12.4, "12 s"), (185, "3:05"), (3765, "1:02:45")]
)
def test_seconds_are_spelled(seconds: float, told: str) -> None:
    assert spell_seconds(seconds) == told


def test_rates_and_sizes_are_spelled() -> None:
    assert [spell_rate(rate) for rate in (None, 12.34, 0.4)] == ["", "12.3 fps", "2.5 s/frame"]
    assert [spell_bytes(count) for count in (999, 18_300_000, 2.5e12)] == ["999 B", "18.3 MB", "2.5 TB"]
