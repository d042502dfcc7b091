"""A studio over a folder of its own, and commands that take no time."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stylize.report.studio import process
from stylize.report.studio.library import Library
from stylize.report.studio.queue import StudioQueue
from stylize.report.studio.task import Task
from tests.report.conftest import moving, write_clip

SENT = {"x-studio": "1"}
"""What the page's script sends with what it asks."""

SLOW = """
import json, pathlib, signal, sys, time
name, count = sys.argv[1], int(sys.argv[2])
asked = []
signal.signal(signal.SIGINT, lambda *_: asked.append(1))
made = pathlib.Path(name)
done = len(made.read_text()) if made.exists() else 0
print(json.dumps({"event": "pass_started", "name": "style", "total": count, "done": done}), flush=True)
for index in range(done, count):
    made.write_text("x" * (index + 1))
    print(json.dumps({"event": "frame_done", "name": "style", "index": index}), flush=True)
    if "deaf" in sys.argv:
        time.sleep(30)
    time.sleep(0.05)
    if asked:
        print(json.dumps({"event": "error", "what": "Stopped.", "hint": None}), flush=True)
        sys.exit(130)
if "broken" in sys.argv:
    print(json.dumps({"event": "error", "what": "The model <b>broke</b>.", "hint": "try another"}), flush=True)
    sys.exit(1)
print(json.dumps({"event": "pass_finished", "name": "style", "seconds": 1.0}), flush=True)
"""
"""Makes a file longer by one letter a frame: it goes on where it was, and counts how often it was begun."""


@pytest.fixture
def slow_commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every command writes its first word's file, frame by frame."""
    script = tmp_path / "slow.py"
    script.write_text(SLOW)
    monkeypatch.setattr(process, "PROGRAM", [sys.executable, str(script)])


@pytest.fixture
def library(tmp_path: Path) -> Library:
    found = Library(tmp_path / "films")
    found.create("walk")
    return found


@pytest.fixture
def queue(library: Library, slow_commands: None) -> Iterator[StudioQueue]:
    queue = StudioQueue(library)
    yield queue
    queue.close()


@pytest.fixture
def client(library: Library, slow_commands: None) -> Iterator[Any]:
    """A browser without a window, at the studio of `library`."""
    testclient = pytest.importorskip("starlette.testclient")
    from stylize.report.studio.app import create_app

    with testclient.TestClient(create_app(library.root), base_url="http://127.0.0.1:8765") as client:
        yield client


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_clip(tmp_path_factory.mktemp("film") / "clip.mp4", moving(6)).read_bytes()


def send(client: Any, name: str, data: bytes, to: str = "clips", **headers: str) -> Any:
    """Uploads a file."""
    return client.post(f"/p/walk/{to}", params={"name": name}, content=data, headers=SENT | headers)


def wait_for(what: Callable[[], bool], seconds: float = 15) -> None:
    give_up = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < give_up, "it did not come"
        time.sleep(0.02)


def add(queue: StudioQueue, name: str, count: int, *more: str) -> Task:
    return queue.add("walk", name, [name, str(count), *more], "render", name)
