"""The live page's server: what it hands out, and to whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from stylize.cli import main
from stylize.cli.live_page import page_models
from stylize.errors import MissingPart, ModelError, UsageError
from tests.live_model import write_negative

pytest.importorskip("uvicorn")
testclient = pytest.importorskip("starlette.testclient")

from stylize.report.live_page import app as live_app  # noqa: E402  (needs the packages above)


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A runtime of the right names."""
    folder = tmp_path / "runtime"
    folder.mkdir()
    for name in live_app.RUNTIME_FILES:
        (folder / name).write_text(name)
    monkeypatch.setattr(live_app, "RUNTIME", folder)
    return folder


def client(*folders: Path) -> testclient.TestClient:
    return testclient.TestClient(live_app.create_live_app(folders), base_url="http://127.0.0.1:8766")


def test_the_page_its_models_and_its_runtime(tmp_path: Path, runtime: Path) -> None:
    folder = write_negative(tmp_path / "model")
    asked = client(folder)
    assert "<canvas" in asked.get("/").text
    (model,) = asked.get("/models.json").json()
    assert (model["name"], model["short_side"], model["grid"]) == ("anime-m", 96, 8)
    assert asked.get(model["networks"]["float"]).content == (folder / "float.onnx").read_bytes()
    binary = asked.get(f"/runtime/{live_app.RUNTIME_FILES[1]}")
    assert binary.headers["content-type"] == "application/wasm"
    assert binary.text == live_app.RUNTIME_FILES[1]


def test_a_page_of_its_own(tmp_path: Path, runtime: Path) -> None:
    """Threads share memory only on such a page, and nothing is fetched from elsewhere."""
    headers = client(write_negative(tmp_path / "model")).get("/").headers
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-embedder-policy"] == "require-corp"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe-eval'" not in headers["content-security-policy"].replace("wasm-unsafe-eval", "")


def test_nothing_else_is_handed_out(tmp_path: Path, runtime: Path) -> None:
    folder = write_negative(tmp_path / "model")
    asked = client(folder)
    for path in (
        "/app.py",
        "/../app.py",
        "/%2e%2e/app.py",
        "/runtime/../app.py",
        "/models/0/live.json",
        "/package.json",
    ):
        assert asked.get(path).status_code == 404, path
    assert asked.post("/").status_code == 405
    assert asked.get("/", headers={"host": "evil.example:8766"}).status_code == 403


def test_a_changed_model_is_refused(tmp_path: Path, runtime: Path) -> None:
    folder = write_negative(tmp_path / "model")
    (folder / "float.onnx").write_bytes(b"something else")
    with pytest.raises(ModelError, match="not the one"):
        live_app.create_live_app([folder])


def test_a_missing_runtime_is_said(tmp_path: Path, runtime: Path) -> None:
    (runtime / live_app.RUNTIME_FILES[0]).unlink()
    with pytest.raises(MissingPart, match="onnxruntime-web") as told:
        live_app.create_live_app([write_negative(tmp_path / "model")])
    assert "scripts/web-runtime" in (told.value.hint or "")


def test_which_models_the_page_offers(tmp_path: Path) -> None:
    assert page_models(None, None)[0].name == "anime-m"
    own = write_negative(tmp_path / "model")
    assert page_models(str(own), None) == [own]
    with pytest.raises(UsageError, match="no live model"):
        page_models(None, "gouache-night")


@pytest.mark.parametrize("words", [("0", "--web"), ("--web", "--size", "256"), ("--web", "-o", "x.mp4"), ()])
def test_options_that_mean_nothing(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    assert main(["live", *words]) == 2
    assert ("chosen in the page" if words else "What is to be drawn?") in capsys.readouterr().err
