"""No file that a stranger made causes a fetch, and nobody is told anything."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stylize.comp.keying import make_keying
from stylize.comp.scene import read_scene
from stylize.config.read_settings import read_settings
from stylize.errors import MissingPart, UsageError
from stylize.footage import probe
from stylize.footage.clip import Shot
from stylize.generators.load import load_generator
from stylize.generators.resolve import resolve_config
from stylize.jobs.manifest import load_job, save_job
from tests.attacks.conftest import Typed, refused
from tests.farm.conftest import clip, planned, shot_list

__all__ = ["clip", "planned", "shot_list"]
HUB = "someone/their-model"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every way out is closed, and what knocks is noted."""
    asked: list[object] = []

    def refuse(*what: object, **_: object) -> None:
        asked.append(what)
        raise OSError("no network here")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(f"socket.socket.{name}", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    monkeypatch.setattr("huggingface_hub.snapshot_download", refuse)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    return asked


def style(folder: Path, text: str = "") -> Path:
    pack = folder / "pack"
    pack.mkdir()
    (pack / "style.toml").write_text(f'title = "a"\nprompt = "a"\n{text}')
    return pack


@pytest.mark.parametrize(
    "text",
    [
        f'checkpoint = "{HUB}"\n',
        f'checkpoint = "mini"\n[[loras]]\nfile = "{HUB}"\n',
        f'checkpoint = "mini"\n[[controls]]\ncondition = "tile"\nmodel = "{HUB}"\n',
        'checkpoint = "mini"\n[[controls]]\ncondition = "lineart"\n',
    ],
)
@pytest.mark.parametrize("dry", [True, False])
def test_a_pack_fetches_nothing(
    tmp_path: Path, clip: Path, typed: Typed, text: str, dry: bool, no_network: list[object]
) -> None:
    said = typed(
        "run", clip, "-o", "a.mp4", "--style", style(tmp_path, text), *(["--dry-run"] if dry else [])
    )
    assert "would be fetched from the network" in refused(said)
    assert "hint: name it yourself: --" in said.err
    assert no_network == []


@pytest.mark.parametrize(
    "text",
    [
        f'model = "{HUB}"\n',
        f'[[loras]]\nfile = "{HUB}"\n',
        f'[[controls]]\ncondition = "tile"\nmodel = "{HUB}"\n',
    ],
)
def test_a_folder_s_settings_fetch_nothing(
    tmp_path: Path, clip: Path, typed: Typed, text: str, no_network: list[object]
) -> None:
    (tmp_path / "stylize.toml").write_text(text)
    assert "would be fetched" in refused(typed("run", clip, "-o", "a.mp4", "--dry-run"))
    (tmp_path / "stylize.toml").unlink()
    (tmp_path / "jobs.toml").write_text(
        f'[[job]]\nclip = "{clip}"\nout = "a.mp4"\n' + text.replace("[[", "[[job.")
    )
    said = typed("run", "--jobs", tmp_path / "jobs.toml")
    assert "would be fetched" in said.err, said
    assert no_network == []


@pytest.mark.parametrize("name", ["gpt2", "mini", "mini/", "../gpt2", "a/b/c", "a\\\\b"])
@pytest.mark.parametrize(
    "text",
    [
        'vae = "{}"\n',
        '[[loras]]\nfile = "{}"\n',
        '[[controls]]\ncondition = "tile"\nmodel = "{}"\n',
    ],
)
def test_what_is_no_path_and_no_name_of_the_hub_is_not_asked_for(
    tmp_path: Path, text: str, name: str, no_network: list[object]
) -> None:
    """The hub's client takes names without a slash too, which are no owner's."""
    settings = read_settings(style=str(style(tmp_path, f'checkpoint = "mini"\n{text.format(name)}')), steps=1)
    with pytest.raises(UsageError, match="There is no such"):
        load_generator(resolve_config(settings.model_copy(update={"runtime": "torch", "device": "cpu"})))
    assert no_network == []


def test_the_model_of_keys_is_not_asked_for(
    tmp_path: Path, clip: Path, typed: Typed, pipelines: Callable[[str], Path], no_network: list[object]
) -> None:
    (tmp_path / "stylize.toml").write_text(f'key_model = "{HUB}"\nkeys = 2\n')
    said = typed("run", clip, "-o", "a.mp4", "--dry-run", "--model", pipelines("wan-vace"))
    assert "would be fetched from the network" in refused(said)
    assert no_network == []


def test_the_user_s_own_word_fetches(
    tmp_path: Path, clip: Path, typed: Typed, no_network: list[object]
) -> None:
    said = typed(
        "run",
        clip,
        "-o",
        "a.mp4",
        "--dry-run",
        "--model",
        HUB,
        "--style",
        style(tmp_path, 'checkpoint = "a/b"\n'),
    )
    assert said.code == 1
    assert no_network  # it was asked for


def test_a_scene_fetches_nothing(
    tmp_path: Path, clip: Path, no_network: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("rembg")
    monkeypatch.setenv("U2NET_HOME", str(tmp_path))
    (tmp_path / "scene.toml").write_text('[key]\nmatte = "rembg:u2netp"\n')
    with pytest.raises(MissingPart, match="does not lie on this machine"):
        make_keying(read_scene(tmp_path / "scene.toml"), probe(clip), Shot(0, 4))
    assert no_network == []


def test_a_record_fetches_nothing(planned) -> None:
    job = planned()
    mark = save_job(job)
    assert not job.segments[0].spec.config.offline
    assert load_job(job.run_dir).segments[0].spec.config.offline
    assert not load_job(job.run_dir, expect=mark).segments[0].spec.config.offline


TELEMETRY = """
import os, sys
calls = []
sys.addaudithook(lambda event, what: calls.append((event, what)) if event.startswith("socket.") else None)
import stylize
import onnxruntime, openvino
from openvino.tools import ovc
assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
assert sys.modules["openvino_telemetry"] is None
openvino.Core()
looked_up = [each for each in calls if each[0] in ("socket.getaddrinfo", "socket.connect", "socket.sendto")]
assert not looked_up, looked_up
print("silent")
"""


def test_runtimes_tell_nobody_anything(tmp_path: Path) -> None:
    """They are imported in an empty home, which stays empty."""
    pytest.importorskip("openvino")
    pytest.importorskip("onnxruntime")
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_", "HF_"))}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", TELEMETRY],
        env={**kept, "HOME": str(home), "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
    )
    assert done.stdout.endswith("silent\n"), done.stderr[-2000:]
    assert list(home.rglob("*")) == []


def test_pickles_are_read_as_tensors_alone(tmp_path: Path) -> None:
    """controlnet-aux loads some weights with torch.load: its default reads tensors, and nothing that runs."""
    import pickle

    import torch

    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (tmp_path / "ran",)

    (tmp_path / "a.pth").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(Exception, match=r"weights_only|Weights only"):
        torch.load(tmp_path / "a.pth")
    assert not (tmp_path / "ran").exists()
