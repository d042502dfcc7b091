"""The report as people see it: in a browser, from the disk, without a network."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stylize import footage
from stylize.footage.clip import Clip, Frame
from stylize.jobs.job import RenderJob
from stylize.report.film_report import write_report
from stylize.report.page.document import write_document
from stylize.report.page.markup import tag
from stylize.report.page.viewer import StackedFilm, viewer
from tests.browser import address_of, chromium, open_page, serious_faults

LEVELS = 20


@pytest.fixture(scope="module")
def report(made: Callable[..., RenderJob]) -> Path:
    chromium()
    written = write_report(made("seen.mp4"), command="stylize run x", seconds=5, times={})
    assert written is not None
    return written


@pytest.mark.parametrize(("theme", "width"), [("light", 1200), ("dark", 390)])
def test_a_report_works_on_any_screen(report: Path, theme: str, width: int) -> None:
    with open_page(address_of(report), width=width, theme=theme) as seen:
        page = seen.page
        page.wait_for_selector("body[data-film=ready]")
        assert serious_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, ground[4:-1].split(","))) < 200) == (theme == "dark")
        page.click("[data-seek='16']")
        page.wait_for_selector("[data-view=canvas][data-frame='16']")
        assert seen.complaints == []
        assert seen.strangers == []


def stacked(folder: Path) -> StackedFilm:
    """Two pictures whose brightness tells the frame: upper and lower add up to white."""
    clip = Clip(folder / "film.mp4", 64, 96, Fraction(25), Fraction(1, 25), LEVELS)

    def frames() -> Any:
        for number in range(LEVELS):
            pixels = np.full((96, 64, 3), (number + 1) / (LEVELS + 1), np.float32)
            pixels[48:] = 1 - pixels[0, 0]
            yield Frame(number, number, pixels)

    file = footage.write_web_film(frames(), folder / "film.mp4", clip, range(LEVELS), sound=False)
    return StackedFilm(file, ["a", "b"], [n / 25 for n in range(LEVELS)], 0, 64 / 48, False)


def test_the_wipe_is_in_step_and_obeys_mouse_and_keys(tmp_path: Path) -> None:
    chromium()
    film = stacked(tmp_path)
    file = tmp_path / "page.html"
    file.write_bytes(write_document("page", tag("main", tag("h1", "page"), viewer(film)), film.data()))
    brightness = """() => {
        const canvas = document.querySelector("[data-view=canvas]"), pen = canvas.getContext("2d");
        return [2, canvas.width - 3].map((x) => pen.getImageData(x, 20, 1, 1).data[0]);
    }"""
    with open_page(address_of(file)) as seen:
        page = seen.page
        page.wait_for_selector("body[data-film=ready]")
        for frame in (7, 3, 19):
            page.locator("[data-view=seek]").fill(str(frame))
            page.wait_for_selector(f"[data-view=canvas][data-frame='{frame}']")
            left, right = page.evaluate(brightness)
            level = 255 * (frame + 1) / (LEVELS + 1)
            assert left == pytest.approx(level, abs=6)  # half the step from one frame to the next
            assert right == pytest.approx(255 - level, abs=6)
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("Space")
        for _ in range(20):
            left, right = page.evaluate(brightness)
            assert left + right == pytest.approx(255, abs=8)
            page.wait_for_timeout(30)
        page.keyboard.press("Space")
        wipe = page.locator("[data-view=wipe]")
        wipe.focus()
        page.keyboard.press("End")
        assert wipe.get_attribute("aria-valuenow") == "100"
        page.keyboard.press("ArrowLeft")
        assert wipe.get_attribute("aria-valuenow") == "98"
        box = page.locator("[data-view=canvas]").bounding_box()
        page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 50)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 60)
        page.mouse.up()
        assert wipe.get_attribute("aria-valuenow") == "25"
        page.keyboard.press("3")
        assert wipe.is_hidden()
        assert [
            each for each in seen.complaints if "willReadFrequently" not in each
        ] == []  # of this test's own reading
