"""What the studio refuses, in words, and what it never gives away."""

from __future__ import annotations

import errno
import threading
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import cv2
import numpy as np
import pytest

from stylize.report.studio.library import Library, safe_name

from .conftest import SENT, send

testclient = pytest.importorskip("starlette.testclient")


def files(library: Library) -> list[str]:
    folder = library.root
    found = (file for file in folder.rglob("*") if file.is_file() and ".studio" not in file.parts)
    return sorted(str(file.relative_to(folder)) for file in found)


def test_a_clip_is_kept_under_a_harmless_name(client: Any, library: Library, film: bytes) -> None:
    answer = send(client, "../../<img src=x onerror=alert(1)>.mp4", film)
    assert (answer.status_code, answer.text) == (200, "_img src_x onerror_alert(1)_.mp4")
    assert files(library) == ["walk/clips/_img src_x onerror_alert(1)_.mp4"]
    assert "<img src=x" not in client.get("/p/walk").text


def test_names_in_folders_are_escaped(client: Any, library: Library) -> None:
    (library.root / "<b>bold<").mkdir()
    assert "<b>bold" not in client.get("/").text
    assert "&lt;b&gt;bold&lt;" in client.get("/").text


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("ls.mp4", b"\x7fELF" + bytes(4000), "not a film"),
        ("page.html", b"<script>", "not taken here"),
        ("empty.mp4", b"", "empty"),
        ("..mp4", b"x", "not taken here"),
    ],
)
def test_what_is_no_film_is_refused(client: Any, library: Library, name: str, data: bytes, told: str) -> None:
    answer = send(client, name, data)
    assert answer.status_code == 400
    assert told in answer.text
    assert ".part" not in answer.text
    assert files(library) == []


def test_ten_gigabytes_are_refused_before_they_come(client: Any, library: Library) -> None:
    answer = send(client, "a.mp4", b"x", **{"content-length": str(10 * 10**9)})
    assert answer.status_code == 413
    assert "larger than" in answer.text
    assert files(library) == []


def test_bytes_are_counted_whatever_was_announced(
    client: Any, library: Library, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stylize.report.studio.app.LARGEST_CLIP", 1000)
    answer = client.post(
        "/p/walk/clips?name=a.mp4", content=iter([film[:900], film[900:]]), headers=SENT
    )  # in chunks, without a length
    assert answer.status_code == 413
    assert files(library) == []


def test_a_picture_that_claims_to_be_huge_is_refused(client: Any, library: Library) -> None:
    _, coded = cv2.imencode(".png", np.zeros((4, 4, 3), np.uint8))
    data = bytearray(coded.tobytes())
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    answer = send(client, "a.png", bytes(data), "backdrops")
    assert answer.status_code == 400
    assert files(library) == []


def test_two_uploads_of_one_name_are_both_kept(client: Any, library: Library, film: bytes) -> None:
    answers: list[Any] = []
    senders = [
        threading.Thread(target=lambda: answers.append(send(client, "a.mp4", film).text)) for _ in range(2)
    ]
    for each in senders:
        each.start()
    for each in senders:
        each.join()
    assert sorted(answers) == ["a 2.mp4", "a.mp4"]
    assert files(library) == ["walk/clips/a 2.mp4", "walk/clips/a.mp4"]


def test_a_full_disk_is_told(
    client: Any, library: Library, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    def full(path: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
        opened = real(path, mode, *more, **named)
        if path.name.endswith(".part"):

            def write(data: bytes) -> int:
                raise OSError(errno.ENOSPC, "No space left on device")

            opened.close()
            opened = _Full(write)
        return opened

    monkeypatch.setattr(Path, "open", full)
    answer = send(client, "a.mp4", film)
    assert answer.status_code == 507
    assert "disk is full" in answer.text
    assert files(library) == []


class _Full:
    def __init__(self, write: Any) -> None:
        self.write = write

    def __enter__(self) -> _Full:
        return self

    def __exit__(self, *error: object) -> None:
        pass


@pytest.mark.parametrize(
    "address",
    [
        "/p/walk/file/films/..%2F..%2Fsecret.mp4",
        "/p/walk/file/films/%2E%2E/secret.mp4",
        "/p/..%2F/file/films/secret.mp4",
        "/p/walk/file/films/link.mp4",
        "/p/walk/file/clips/secret.mp4",
        "/p/walk/file/films/.hidden.mp4",
        "/p/.studio/file/films/queue.json",
        "/assets/..%2Fapp.py",
        "/cover/..%2F..%2Fstyle",
    ],
)
def test_no_file_outside_a_project_is_served(client: Any, library: Library, address: str) -> None:
    secret = library.root.parent / "secret.mp4"
    secret.write_text("secret")
    project = library.project("walk")
    (project.place("films") / "link.mp4").symlink_to(secret)
    (project.place("films") / ".hidden.mp4").write_text("secret")
    answer = client.get(address)
    assert answer.status_code in (400, 404)
    assert "secret" not in answer.text.replace("secret.mp4", "")


def test_other_machines_and_other_pages_are_refused(client: Any) -> None:
    assert client.get("/", headers={"host": "evil.example:8765"}).status_code == 403
    foreign = {"origin": "http://evil.example"}
    assert client.post("/projects", data={"name": "x"}, headers=foreign).status_code == 403
    cross = {"sec-fetch-site": "cross-site"}
    assert client.post("/projects", data={"name": "x"}, headers=cross).status_code == 403
    same = {"origin": "http://127.0.0.1:8765"}
    assert (
        client.post("/projects", data={"name": "x"}, headers=same, follow_redirects=False).status_code == 303
    )


def test_with_another_address_a_token_is_needed(library: Library, slow_commands: None) -> None:
    from stylize.errors import UsageError
    from stylize.report.studio.app import create_app
    from stylize.report.studio.serve import serve

    with pytest.raises(UsageError, match="reach"):
        serve(library.root, "0.0.0.0", 0, None, lambda address: None)
    app = create_app(library.root, "pass word")
    with testclient.TestClient(app, base_url="http://studio.lan:8765") as client:
        assert client.get("/").status_code == 401
        assert client.get("/?token=wrong").status_code == 401
        assert client.get("/", headers={"cookie": "studio=wrong"}).status_code == 401
        assert client.get("/?token=pass%20word").status_code == 200
        assert client.get("/queue").status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])
def test_the_address_that_is_printed_can_be_opened(
    library: Library, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """Also from another machine, and with a token of any letters."""
    from stylize.report.studio.serve import serve

    monkeypatch.setattr("uvicorn.Server.run", lambda server, sockets: None)
    said: list[str] = []
    serve(library.root, host, 0, "a&b c/d", said.append)
    address = urlsplit(said[0])
    assert parse_qs(address.query) == {"token": ["a&b c/d"]}
    assert address.port
    if host == "0.0.0.0":
        assert address.hostname not in (None, "", host)
    else:
        assert address.hostname == host


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"strength": "3"}, "strength"),
        ({"style": "nobody"}, "nobody"),
        ({"format": "exr"}, "studio makes films"),
        ({"comp": "../../etc/passwd"}, "no file"),
    ],
)
def test_forms_are_checked_before_they_are_queued(
    client: Any, library: Library, film: bytes, form: dict[str, str], told: str
) -> None:
    send(client, "a.mp4", film)
    answer = client.post("/p/walk/clip/a.mp4/command/render", data=form, headers=SENT)
    assert told in answer.text
    assert "stylize run" not in answer.text


def test_safe_names() -> None:
    assert safe_name("C:\\films\\my clip.MOV") == "my clip.MOV"
    assert safe_name("-rf .mp4") == "rf .mp4"
    assert safe_name("中国.mp4") == "中国.mp4"
    assert len(safe_name("x" * 500 + ".mp4")) == 84
    for text in ("", "...", "___", "<>"):
        with pytest.raises(Exception, match="no name"):
            safe_name(text)
