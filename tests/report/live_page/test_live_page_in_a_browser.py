"""The live page in a browser: what it draws is what the model draws, from a picture, a film and a camera."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from stylize.edge.live.find import bundled_live_models
from stylize.edge.live.generator import LiveDrawer
from stylize.footage import ffmpeg_binary
from tests.browser import chromium, open_page, serious_faults
from tests.live_model import write_negative, write_pattern

uvicorn = pytest.importorskip("uvicorn")

from stylize.report.live_page.app import RUNTIME, RUNTIME_FILES, create_live_app  # noqa: E402  (needs uvicorn's extra)

READY = "body[data-state=ready]"
WIDTH, HEIGHT = 101, 67
"""Sides that no grid divides."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page with three models: two negatives, one of them dimmed, and the bundled one."""
    chromium()
    if not all((RUNTIME / name).is_file() for name in RUNTIME_FILES):
        pytest.skip(
            "onnxruntime-web is not here: scripts/web-runtime, which needs npm, puts it beside the page"
        )
    folder = tmp_path_factory.mktemp("models")
    models = [write_negative(folder / "a"), write_negative(folder / "b", network="s", top=0.5)]
    app = create_live_app([*models, bundled_live_models() / "anime-m"])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    running = threading.Thread(target=server.run, daemon=True)
    running.start()
    while not server.started:
        assert running.is_alive()
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    running.join(timeout=10)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Soft colours, no two sides the same."""
    rng = np.random.default_rng(3)
    soft = cv2.GaussianBlur(rng.random((HEIGHT, WIDTH, 3), dtype=np.float32), (0, 0), 4)
    soft = (soft - soft.min()) / np.ptp(soft)
    cv2.imwrite(str(tmp_path / "picture.png"), np.rint(255 * soft).astype(np.uint8))
    return tmp_path / "picture.png"


def saved(page: Any, folder: Path) -> np.ndarray:
    """What `Save the picture` gives, (H, W, 3) in 8 bits."""
    with page.expect_download() as download:
        page.click("#picture")
    download.value.save_as(folder / "saved.png")
    return read(folder / "saved.png")


def read(path: Path) -> np.ndarray:
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR), np.int16)


def drawn(page: Any, count: int) -> None:
    """Waits until so many pictures, or more, have been shown since the source was opened."""
    give_up = time.monotonic() + 60
    while int(page.get_attribute("#drawing", "data-shown") or 0) < count:
        assert time.monotonic() < give_up, "no more pictures came"
        page.wait_for_timeout(50)


def test_a_picture_is_drawn_as_the_model_draws_it(address: str, picture: Path, tmp_path: Path) -> None:
    with open_page(address, own=address, width=390, theme="dark") as seen:
        page = seen.page
        page.wait_for_selector(READY, timeout=60_000)
        page.set_input_files("#file", picture)
        drawn(page, 1)
        assert np.abs(saved(page, tmp_path) - (255 - read(picture))).max() <= 1
        page.check("#mirror")
        drawn(page, 2)
        assert np.abs(saved(page, tmp_path) - (255 - read(picture)[:, ::-1])).max() <= 1
        page.uncheck("#mirror")
        drawn(page, 3)
        page.select_option("#model", "1")  # the picture is drawn anew with the other model
        drawn(page, 4)
        assert np.abs(saved(page, tmp_path) - np.maximum(127.5 - read(picture), 0)).max() <= 1
        assert serious_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert (seen.complaints, seen.strangers) == ([], [])


def test_the_bundled_model_draws_the_same_here_and_there(address: str, picture: Path, tmp_path: Path) -> None:
    drawer = LiveDrawer.load(bundled_live_models() / "anime-m", "float", "onnxruntime")
    expected = 255 * drawer.draw(read(picture)[..., ::-1].astype(np.float32) / 255)[..., ::-1]
    with open_page(address, own=address) as seen:
        page = seen.page
        page.wait_for_selector(READY, timeout=60_000)
        page.select_option("#model", "2")
        page.wait_for_selector(READY)
        page.set_input_files("#file", picture)
        drawn(page, 1)
        assert np.abs(saved(page, tmp_path) - expected).max() <= 1.5


def test_a_camera_is_drawn_and_recorded(address: str, tmp_path: Path) -> None:
    film = write_pattern(tmp_path / "pattern.mp4", frames=24, size=(160, 120))
    camera = tmp_path / "camera.y4m"
    words = (ffmpeg_binary(), "-loglevel", "error", "-i", str(film), "-pix_fmt", "yuv420p", str(camera))
    subprocess.run(words, check=True)
    with open_page(address, own=address, camera=camera) as seen:
        page = seen.page
        page.wait_for_selector(READY, timeout=60_000)
        page.select_option("#size", "192")
        page.click("#start")
        drawn(page, 3)
        page.click("#record")
        drawn(page, 30)
        with page.expect_download() as download:
            page.click("#record")
        download.value.save_as(tmp_path / "recorded")
        with av.open(str(tmp_path / "recorded")) as recorded:
            frames = [frame.to_ndarray(format="rgb24") for frame in recorded.decode(video=0)]
        assert len(frames) > 3
        assert np.ptp(frames[0]) > 100
        page.click("#stop")
        assert not page.locator("#stop").is_visible()
        assert (seen.complaints, seen.strangers) == ([], [])


def test_what_is_missing_or_broken_is_said(address: str, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with open_page(address, own=address) as seen:
        page = seen.page
        page.wait_for_selector(READY, timeout=60_000)
        page.click("#start")
        page.get_by_text("There is no camera here").wait_for()
        page.set_input_files("#file", tmp_path / "broken.png")
        page.get_by_text("This browser cannot read broken.png.").wait_for()
