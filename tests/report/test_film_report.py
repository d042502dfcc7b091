"""The report of a film: what is in it, for which films, and when none is written."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from stylize.config.settings import RunSettings
from stylize.config.style import UNSTATED
from stylize.errors import OutputError
from stylize.events import FrameDone, PassFinished, PassStarted
from stylize.jobs.job import RenderJob
from stylize.jobs.plan_run import plan_run
from stylize.report.facts import licences_of, read_licence
from stylize.report.film_report import report_file, write_report
from stylize.report.flicker import MOST_PAIRS, FlickerMeter
from stylize.report.page.chart import frame_chart
from stylize.report.page.markup import Markup, tag
from stylize.report.pass_times import PassTime, PassTimes
from stylize.report.scene_sections import mark_edges

from .conftest import CUT, FRAMES, moving, write_clip

COMMAND = "stylize steady 'a <b>.mp4'"
TIMES = {"steady": PassTime("steady", 20, 4, 61.0)}


def written(job: RenderJob) -> str:
    page = write_report(job, command=COMMAND, seconds=75.0, times=TIMES)
    assert page == report_file(job.film.path)
    return page.read_text(encoding="utf-8")


def test_a_report_says_what_was_made_and_how(made: Callable[..., RenderJob]) -> None:
    page = written(made("film.mp4"))
    for words in (
        "<h1>film.mp4</h1>",
        f"{FRAMES} frames of plate.mp4, 128 x 96, 24 frames a second, 2 shots",
        "steadied",
        "1:01 min",
        "1:15 min",
        "stylize steady &#x27;a &lt;b&gt;.mp4&#x27;",
        "Fingerprints",
        "opencv-python-headless",
        f"frames {CUT} to {FRAMES - 1}",
        '"names": ["source", "given", "film"]',
    ):
        assert words in page, words
    assert "default-src 'none'" in unescape(page)
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page


def test_an_image_sequence_has_a_report_too(made: Callable[..., RenderJob]) -> None:
    job = made("frames.%04d.png")
    assert report_file(job.film.path).name == "frames.04d.png.report.html"
    assert "data:image/jpeg" in written(job)


def test_names_of_strangers_are_words(made: Callable[..., RenderJob]) -> None:
    page = written(made("<img src=x onerror=alert(1)>.mp4"))
    assert "<img src=x" not in page
    assert "<h1>&lt;img src=x onerror=alert(1)&gt;.mp4</h1>" in page


def test_only_a_report_is_replaced(made: Callable[..., RenderJob]) -> None:
    job = made("again.mp4")
    report_file(job.film.path).write_text("a diary")
    with pytest.raises(OutputError, match="no report"):
        written(job)
    assert report_file(job.film.path).read_text() == "a diary"
    report_file(job.film.path).unlink()
    assert written(job)
    assert written(job)


def test_a_report_that_is_stopped_leaves_nothing(made: Callable[..., RenderJob]) -> None:
    job = made("stopped.mp4")
    before = set(job.film.path.parent.iterdir())
    assert write_report(job, command="", seconds=1, times={}, stop=lambda: True) is None
    assert set(job.film.path.parent.iterdir()) == before


def test_steadying_shows_in_the_curves() -> None:
    source, drawn = moving(), moving(flicker=0.08)
    meter = FlickerMeter(CUT)
    for number in range(CUT):
        films = {"drawn": drawn[number], "steady": source[number]}
        meter.add(number, source[number], lambda films=films: films)
    curve = meter.curve()
    assert curve is not None
    assert curve.numbers == tuple(range(1, CUT))
    assert curve.mean("steady") == pytest.approx(curve.mean("source"))
    assert curve.mean("drawn") > 3 * curve.mean("source")


def test_a_long_film_is_measured_here_and_there_and_never_across_a_cut() -> None:
    frame = np.random.default_rng(1).random((40, 60, 3), dtype=np.float32)
    meter = FlickerMeter(1000)
    asked: list[int] = []
    for number in range(1000):
        if number in (0, 500):
            meter.begin_shot()

        def films(number: int = number) -> dict[str, np.ndarray]:
            asked.append(number)
            return {"drawn": frame}

        meter.add(number, frame, films)
    curve = meter.curve()
    assert curve is not None
    assert MOST_PAIRS - 3 <= len(curve.numbers) <= MOST_PAIRS
    assert 500 not in curve.numbers
    assert len(asked) <= 2 * MOST_PAIRS


def test_flicker_that_comes_every_second_frame_is_neither_missed_nor_doubled() -> None:
    frame = np.random.default_rng(1).random((32, 40, 3), dtype=np.float32) / 2
    meter = FlickerMeter(2 * MOST_PAIRS)
    for number in range(2 * MOST_PAIRS):
        drawn = frame + 0.1 * (number // 2 % 2)
        meter.add(number, frame, lambda drawn=drawn: {"drawn": drawn})
    curve = meter.curve()
    assert curve is not None
    assert curve.mean("drawn") == pytest.approx(0.5 * 1000 * 0.1**2, rel=0.1)


def test_a_chart_breaks_its_curves_at_cuts() -> None:
    chart = frame_chart([1, 2, 5, 6], {"drawn": [1, 2, 3, 4]}, range(8), cuts=[4], marks=[5], label="x < y")
    assert chart.count("M") == 3  # two stretches and a mark
    assert 'aria-label="x &lt; y"' in chart


def test_markup_escapes_what_is_no_markup() -> None:
    assert tag("p", "<b>", Markup("<i></i>"), class_="a&b", hidden=True, title=None) == (
        '<p class="a&amp;b" hidden>&lt;b&gt;<i></i></p>'
    )


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("---\nbase: x\nlicense: openrail\n---\n", "openrail"),
        ("# mini\n\n| Licence | Apache-2.0 |\n", "Apache-2.0"),
        ("# nothing\n", UNSTATED),
    ],
)
def test_licences_are_read_where_weights_lie(tmp_path: Path, text: str, licence: str) -> None:
    (tmp_path / "README.md").write_text(text)
    assert read_licence(tmp_path) == licence


def test_times_are_learnt_from_events() -> None:
    heard: list[object] = []
    watch = PassTimes(heard.append)
    events = [
        PassStarted("style", 3, 1),
        FrameDone("style", 1),
        FrameDone("style", 2),
        PassFinished("style", 2.5),
    ]
    for event in events:
        watch(event)
    assert watch.passes == {"style": PassTime("style", 2, 1, 2.5)}
    assert heard == events


def test_edges_of_a_matte_are_marked() -> None:
    alpha = np.array([[0.0, 0.5], [1.0, 1.0]], np.float32)
    marked, share = mark_edges(alpha)
    assert share == 0.25
    assert marked[0, 1].tolist() == pytest.approx([0.675, 0.4, 0])
    assert marked[1, 0].tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ('licence = "CC-BY-4.0"\nsources = "forty drawings"', "CC-BY-4.0; trained on forty drawings"),
        ("", UNSTATED),
    ],
)
def test_the_licence_is_that_of_the_style_that_drew(tmp_path: Path, stated: str, said: str) -> None:
    """Not that of another style of its name."""
    own = tmp_path / "cel"
    own.mkdir()
    (own / "style.toml").write_text(f'title = "Mine"\n{stated}\ncheckpoint = "mini"\nprompt = "anime"\n')
    clip = write_clip(tmp_path / "plate.mp4", moving(2))
    job = plan_run(clip, tmp_path / "film.mp4", RunSettings(style=str(own), faces="off", repair="off"))
    assert ("style cel", said) in licences_of(job)
