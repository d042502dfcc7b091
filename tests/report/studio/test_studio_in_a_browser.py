"""The whole way in a browser: a clip put in, tried, rendered, stopped, rendered on, looked at, a style trained."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.browser import chromium, open_page, serious_faults
from tests.report.conftest import moving, write_clip

pytest.importorskip("uvicorn")
PATIENCE_MS = 300_000


@contextmanager
def studio(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A studio as a process of its own, and its address."""
    words = [sys.executable, "-m", "stylize.cli", "studio", str(folder), "--no-open", "--port", "0", "--json"]
    path = os.pathsep.join(filter(None, [str(Path(__file__).parents[3]), os.environ.get("PYTHONPATH")]))
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": path}
    ) as run:
        try:
            assert run.stdout is not None
            yield json.loads(run.stdout.readline())["address"].rstrip("/"), run
        finally:
            run.send_signal(signal.SIGINT)
            run.wait(timeout=20)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    chromium()
    return write_clip(tmp_path_factory.mktemp("clip") / "walk.mp4", moving(12))


def put_in(page: Any, clip: Path) -> None:
    """A new project with a clip in it, made by keyboard alone."""
    page.get_by_label("Name of the project").focus()
    page.keyboard.type("Night <b>walk")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Night _b_walk").wait_for()
    page.wait_for_load_state()  # before that nobody listens to the files that are chosen
    page.set_input_files("input[type=file]", clip)
    page.get_by_role("link", name=clip.name).wait_for()


def press(control: Any, key: str = "Enter", **waiting: float) -> None:
    """Uses a control as a keyboard does: it takes the focus, and a key is pressed on it."""
    control.wait_for(**waiting)
    control.focus()
    control.press(key)


def test_the_whole_way(tmp_path: Path) -> None:
    """From the upload to the report, by keyboard alone."""
    chromium()
    there = moving(12)
    long_enough = [*there, *there[::-1]] * 4  # to be still being made when a person's key comes to cancel it
    clip = write_clip(tmp_path / "walk.mp4", long_enough)
    folder = tmp_path / "films"
    with studio(folder) as (address, _), open_page(address, own=address) as seen:
        page = seen.page
        assert serious_faults(page) == []
        put_in(page, clip)
        assert serious_faults(page) == []
        press(page.get_by_role("link", name="walk.mp4"))
        page.get_by_text("1 shot", exact=True).wait_for()
        assert serious_faults(page) == []

        press(page.locator("#style-cel"), "Space")
        press(page.locator("summary", has_text="More settings"))
        for label, value in (("--steps", "1"), ("--size", "64")):
            page.get_by_label(label, exact=True).fill(value)
        command = page.locator("[data-command$='/render']")
        command.filter(has_text="--style cel --steps 1 --size 64 -o").wait_for()
        press(page.get_by_role("button", name="Try"))
        page.locator(".look img").wait_for(timeout=PATIENCE_MS)

        press(page.get_by_role("button", name="Add to the queue"))
        press(page.get_by_role("button", name="Cancel: Film of walk.mp4"), timeout=PATIENCE_MS)
        page.locator(".badge.cancelled").wait_for()
        press(page.get_by_role("button", name="Go on from there"))
        page.locator(".badge.done").wait_for(timeout=PATIENCE_MS)
        page.reload()
        page.locator(".badge.done").wait_for()

        press(page.get_by_role("link", name="Night _b_walk"))
        with page.expect_download() as download:
            press(page.get_by_role("link", name="Download"))
        assert download.value.suggested_filename.endswith(".mp4")
        report = page.get_by_role("link", name="Report").get_attribute("href")
        page.goto(address + report)
        page.wait_for_selector("body[data-film=ready]")
        assert seen.complaints == []
        assert seen.strangers == []


def test_a_style_is_trained_on_a_phone_s_screen(clip: Path, tmp_path: Path) -> None:
    pytest.importorskip("accelerate")
    rng = np.random.default_rng(2)
    drawings = []
    for number in range(8):
        drawings.append(tmp_path / f"drawing {number}.png")
        picture = cv2.resize(
            rng.integers(0, 255, (6, 8, 3), np.uint8), (320, 240), interpolation=cv2.INTER_NEAREST
        )
        cv2.imwrite(str(drawings[-1]), picture)
    with studio(tmp_path / "films") as (address, _), open_page(address, own=address, width=390) as seen:
        page = seen.page
        put_in(page, clip)
        page.get_by_role("link", name="Train a style on drawings").click()
        page.get_by_label("Name of the style").fill("Blocks")
        page.get_by_role("button", name="Make a set of drawings").click()
        page.get_by_text("Add drawings to blocks").wait_for()
        page.wait_for_load_state()
        page.set_input_files("input[type=file]", drawings)
        page.get_by_text("8 drawings.").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert serious_faults(page) == []
        page.get_by_label("--steps", exact=True).fill("2")
        page.get_by_role("button", name="Train on blocks").click()
        page.locator(".badge.done").wait_for(timeout=PATIENCE_MS)
        page.get_by_role("link", name="Night _b_walk").click()
        page.get_by_role("link", name="walk.mp4").click()
        page.get_by_text("blocks", exact=True).wait_for()
        assert seen.complaints == []
        assert seen.strangers == []


def test_a_key_is_seen_and_kept_with_its_backdrop(tmp_path: Path) -> None:
    chromium()
    green = Path(__file__).parents[3] / "examples" / "greenscreen.mp4"
    wall = tmp_path / "wall.png"
    cv2.imwrite(str(wall), np.full((90, 160, 3), (160, 90, 30), np.uint8))
    folder = tmp_path / "films"
    with studio(folder) as (address, _), open_page(address, own=address) as seen:
        page = seen.page
        put_in(page, green)
        page.goto(f"{address}/p/Night%20_b_walk/clip/greenscreen.mp4/key")
        page.wait_for_load_state()
        page.set_input_files("input[type=file]", wall)
        page.locator("#backdrop option[value='wall.png']").wait_for(state="attached")
        assert serious_faults(page) == []
        page.locator("#frame").fill("20")  # the key is seen without a button, as values change
        shown = page.locator(".look img")
        shown.wait_for(timeout=PATIENCE_MS)
        assert shown.first.evaluate("image => image.decode().then(() => image.naturalWidth)") == 640
        page.locator("#backdrop").select_option("wall.png")
        page.get_by_role("button", name="Keep as a scene").click()
        page.get_by_role("heading", name="greenscreen.mp4").wait_for()
        assert "wall.png" in (folder / "Night _b_walk" / "scenes" / "greenscreen.toml").read_text()
        assert seen.complaints == []
        assert seen.strangers == []


def test_every_shot_is_queued_by_itself_and_two_people_see_the_queue(tmp_path: Path) -> None:
    chromium()
    other_place = [1 - 0.6 * frame[::-1, :, ::-1] for frame in moving(24)]
    clip = write_clip(tmp_path / "cut.mp4", [*moving(24), *other_place])
    with studio(tmp_path / "films") as (address, _), open_page(address, own=address) as seen:
        page = seen.page
        put_in(page, clip)
        page.get_by_role("link", name="cut.mp4").click()
        every_shot = page.get_by_role("button", name="Queue every shot by itself")
        every_shot.wait_for()
        with page.expect_request(
            lambda asked: asked.method == "POST" and "/command/" not in asked.url
        ) as sent:
            press(page.get_by_label("--preview", exact=True))
        assert sent.value.url.endswith("/look")  # Enter tries one frame, and queues no films
        every_shot.click()
        for number in (1, 2):
            page.get_by_text(f"Shot {number} of cut.mp4").first.wait_for()
        other = seen.page.context.browser.new_context().new_page()  # another person
        other.goto(f"{address}/queue")
        for number in (2, 1):
            other.get_by_role("button", name=f"Cancel: Shot {number} of cut.mp4").click()
        page.locator(".badge.cancelled").nth(1).wait_for(timeout=PATIENCE_MS)
        assert seen.complaints == []


def test_a_killed_studio_goes_on(clip: Path, tmp_path: Path) -> None:
    folder = tmp_path / "films"
    with studio(folder) as (address, run), open_page(address, own=address) as seen:
        put_in(seen.page, clip)
        seen.page.get_by_role("link", name="walk.mp4").click()
        seen.page.get_by_text("More settings").click()
        for label, value in (("--steps", "1"), ("--size", "64")):
            seen.page.get_by_label(label, exact=True).fill(value)
        seen.page.get_by_role("button", name="Add to the queue").click()
        seen.page.locator(".badge.running").wait_for()
        run.kill()
        run.wait()
    with studio(folder) as (address, _), open_page(f"{address}/queue", own=address) as seen:
        seen.page.locator(".badge.done").wait_for(timeout=PATIENCE_MS)
        assert list((folder / "Night _b_walk" / "films").glob("*.report.html"))
