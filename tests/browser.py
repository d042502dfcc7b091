"""A browser for tests that look at pages: Debian's Chromium, driven by Playwright, without a network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--autoplay-policy=no-user-gesture-required",
)


@dataclass
class Watched:
    """A page, what it complained of, and every address that it asked for outside its own."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)


def chromium() -> str:
    """Where the browser is; a test that needs one is skipped where there is none."""
    pytest.importorskip("playwright.sync_api", reason="no Playwright: it is in the group `dev`")
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no Chromium here: scripts/test installs it where apt and root allow")
    return found


@contextmanager
def open_page(
    address: str,
    *,
    width: int = 1200,
    height: int = 900,
    theme: str = "light",
    own: str = "file:",
    camera: Path | None = None,
) -> Iterator[Watched]:
    """Opens a page and watches what it says and asks for.

    Args:
        own: how addresses begin that it may ask for, besides data: and blob:.
        camera: a film (.y4m) that plays as the browser's camera, which pages may use; None for no camera.
    """
    program = chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*FLAGS, *_camera(camera)])
        try:
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=theme, accept_downloads=True
            )
            page = context.new_page()
            page.set_default_timeout(15_000)
            watched = Watched(page)
            page.on("console", lambda said: _note(watched, said))
            page.on("pageerror", lambda error: watched.complaints.append(str(error)))
            page.on("request", lambda asked: _check(watched, asked.url, own))
            page.goto(address)
            yield watched
        finally:
            browser.close()


def _camera(film: Path | None) -> tuple[str, ...]:
    if film is None:
        return ()
    played = f"--use-file-for-fake-video-capture={film}"
    return ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", played)


def _note(watched: Watched, said: Any) -> None:
    if said.type in ("error", "warning"):
        watched.complaints.append(said.text)


def _check(watched: Watched, url: str, own: str) -> None:
    if not url.startswith((own, "data:", "blob:")):
        watched.strangers.append(url)


def serious_faults(page: Any) -> list[str]:
    """What axe finds that keeps people from using the page."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['help']}" for each in found if each["impact"] in ("serious", "critical")]


def address_of(file: Path) -> str:
    return file.absolute().as_uri()
