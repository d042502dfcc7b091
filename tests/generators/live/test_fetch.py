"""A server's catalogue and the models it hands out: verified, resumed, kept; else the last good one."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from stylize.config.settings import RunSettings
from stylize.errors import ModelError, UsageError
from stylize.generators.live.catalogue import NAME, publish
from stylize.generators.live.fetch import Fetched, fetch_model
from stylize.generators.live.models import load_drawer
from tests.live_model import write_negative

TIMEOUT_S = 0.4


class Server:
    """Gives out a folder, as a web server does: with ranges. `limit` cuts answers off after so many bytes;
    `wait` lets every answer wait, s."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.limit, self.wait = folder, 1 << 30, 0.0
        self.ranges: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                time.sleep(server.wait)
                file = server.folder / self.path.lstrip("/")
                if not file.is_file():
                    self.send_error(404)
                    return
                asked = self.headers.get("Range", "")
                first = int(asked.removeprefix("bytes=").rstrip("-") or 0)
                server.ranges += [asked] if asked else []
                data = file.read_bytes()[first:]
                self.send_response(206 if first else 200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                with contextlib.suppress(ConnectionError):  # who did not wait is gone
                    self.wfile.write(data[: server.limit] if file.suffix == ".onnx" else data)

            def log_message(self, *words: object) -> None:
                return

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    publish([write_negative(tmp_path / "model")], tmp_path / "site")
    running = Server(tmp_path / "site")
    yield running
    running.close()


@pytest.fixture
def fetch(server: Server, tmp_path: Path) -> Callable[[], Fetched]:
    return lambda: fetch_model(server.address, "anime", "live-m", cache=tmp_path / "cache", timeout=TIMEOUT_S)


def publish_next(server: Server, tmp_path: Path, version: int = 2) -> Path:
    """Publishes another version; returns its folder on the server."""
    publish([write_negative(tmp_path / f"model{version}", version=version, top=0.9)], server.folder)
    return server.folder / "anime-m" / str(version)


def test_a_model_is_fetched_and_kept(fetch: Callable[[], Fetched], server: Server) -> None:
    first = fetch()
    assert first.fault is None
    assert first.manifest.version == 1
    server.close()
    again = fetch()
    assert again.folder == first.folder
    assert again.fault is not None


def test_a_newer_version_takes_its_place(
    fetch: Callable[[], Fetched], server: Server, tmp_path: Path
) -> None:
    fetch()
    publish_next(server, tmp_path)
    assert fetch().manifest.version == 2


def test_an_older_version_is_refused(fetch: Callable[[], Fetched], server: Server, tmp_path: Path) -> None:
    older = (server.folder / NAME).read_bytes()
    publish_next(server, tmp_path)
    fetch()
    (server.folder / NAME).write_bytes(older)
    found = fetch()
    assert found.manifest.version == 2
    assert "version 1" in str(found.fault)


@pytest.mark.parametrize("file", ["live.json", "float.onnx"])
def test_a_wrong_digest_is_refused(
    file: str, fetch: Callable[[], Fetched], server: Server, tmp_path: Path
) -> None:
    fetch()
    published = publish_next(server, tmp_path) / file
    data = bytearray(published.read_bytes())
    data[len(data) // 2] ^= 1
    published.write_bytes(data)
    found = fetch()
    assert found.manifest.version == 1
    assert "not the one" in str(found.fault)


def test_without_a_good_model_a_wrong_digest_is_an_error(
    fetch: Callable[[], Fetched], server: Server, tmp_path: Path
) -> None:
    file = server.folder / "anime-m" / "1" / "float.onnx"
    file.write_bytes(file.read_bytes()[:-1] + b"\1")
    with pytest.raises(ModelError, match="SHA-256"):
        fetch()


def test_a_file_that_was_cut_off_is_resumed(fetch: Callable[[], Fetched], server: Server) -> None:
    server.limit = 50
    with pytest.raises(ModelError, match="did not give"):
        fetch()
    server.limit = 1 << 30
    assert fetch().fault is None
    assert server.ranges == ["bytes=50-"]


def test_a_newer_version_that_was_cut_off_leaves_the_last_good_one(
    fetch: Callable[[], Fetched], server: Server, tmp_path: Path
) -> None:
    fetch()
    publish_next(server, tmp_path)
    server.limit = 50
    found = fetch()
    assert found.manifest.version == 1
    assert "50 of" in str(found.fault)
    server.limit = 1 << 30
    assert fetch().manifest.version == 2
    assert server.ranges == ["bytes=50-"]


def test_a_slow_server_is_not_waited_for(fetch: Callable[[], Fetched], server: Server) -> None:
    fetch()
    server.wait = 3 * TIMEOUT_S
    began = time.monotonic()
    found = fetch()
    assert "timed out" in str(found.fault)
    assert time.monotonic() - began < 2.5 * TIMEOUT_S
    assert found.manifest.version == 1


def test_a_damaged_model_on_the_disk_is_fetched_again(fetch: Callable[[], Fetched]) -> None:
    file = fetch().folder / "float.onnx"
    file.write_bytes(b"damaged")
    found = fetch()
    assert found.fault is None
    assert file.read_bytes() != b"damaged"


def test_catalogues_that_are_refused(fetch: Callable[[], Fetched], server: Server) -> None:
    catalogue = server.folder / NAME
    table = json.loads(catalogue.read_text())
    for change, words in (
        ({"format": 2}, "format 2"),
        ({"styles": {}}, "no live-m"),
        (
            {"styles": {"anime": {"live-m": {**table["styles"]["anime"]["live-m"], "folder": "../up"}}}},
            "not valid",
        ),
    ):
        catalogue.write_text(json.dumps(table | change))
        with pytest.raises(ModelError, match=words):
            fetch()


def test_a_version_is_never_changed(server: Server, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="published"):
        publish([write_negative(tmp_path / "other", top=0.5)], server.folder)


def test_an_address_that_is_none() -> None:
    with pytest.raises(UsageError, match="no address"):
        fetch_model("file:///etc", "anime", "live-m")


def test_offline_no_server_is_asked(server: Server) -> None:
    with pytest.raises(UsageError, match="offline"):
        load_drawer(RunSettings(offline=True), "live-m", server.address)


def test_a_view_draws_with_what_a_server_hands_out(server: Server) -> None:
    loaded = load_drawer(RunSettings(), "live-m", server.address)
    picture = np.full((8, 8, 3), 0.25, np.float32)
    np.testing.assert_allclose(loaded.drawer.draw(picture), 0.75, atol=1e-5)
    assert loaded.short_side == 96
