"""`stylize doctor`: true facts, a verdict for everything that is missing, and never a crash."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from importlib import metadata

import numpy as np
import pytest

from stylize.cli import health, main
from stylize.errors import MissingPart
from stylize.system.dependencies import Extra


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing but Python works."""

    def no_packages() -> list[Extra]:
        raise metadata.PackageNotFoundError("stylize")

    def no_ffmpeg() -> str:
        raise MissingPart("No ffmpeg can write films.", hint="Install ffmpeg.")

    monkeypatch.setattr(health, "read_extras", no_packages)
    monkeypatch.setattr(health, "import_fault", lambda name: f"ModuleNotFoundError: No module named {name!r}")
    monkeypatch.setattr("stylize.footage.facts.ffmpeg_binary", no_ffmpeg)
    monkeypatch.setattr(health, "_bundled", list)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves the importing of every library out."""
    monkeypatch.setattr(health, "MODULES", ("numpy",))


def test_this_machine_as_json(quick: None, capfd: pytest.CaptureFixture[str]) -> None:
    code = main(["doctor", "--json"])
    said = json.loads(capfd.readouterr().out)
    assert said["python"] == platform.python_version()
    assert said["processor"]["cores"] >= 1
    assert 0 < said["disk"]["free"] <= said["disk"]["total"]
    assert said["torch"]["version"] == metadata.version("torch")
    assert said["torch"]["devices"][-1].startswith("cpu")
    assert {"libx264", "prores_ks"} <= set(said["ffmpeg"]["encoders"])
    assert said["opencv"] == ["opencv-python-headless"]
    named = {extra["name"] for extra in said["extras"]}
    assert {"", *health.EXTRAS} == named
    own = {part["name"]: part["version"] for part in said["extras"][0]["packages"]}
    assert own["numpy"] == np.__version__
    assert (code == 0) is said["is_able"]
    assert said["is_able"] is all(each["is_fine"] for each in said["verdicts"] if each["is_main"])


def test_a_bare_machine_is_told_what_it_lacks(bare: None, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 1
    said = capfd.readouterr().out
    verdicts = {line.split()[1]: line for line in said.splitlines() if line.startswith(("ok", "missing"))}
    assert verdicts["packages"].startswith("missing")
    assert "No module named 'torch'" in verdicts["networks"]
    assert "Install ffmpeg." in verdicts["films"]
    assert "No clip can be drawn here" in said


def test_packages_that_are_really_missing_become_verdicts() -> None:
    """In a process where they cannot be imported at all: nothing may import them in passing."""
    missing = [
        "torch",
        "cv2",
        "av",
        "psutil",
        "safetensors",
        "diffusers",
        "transformers",
        "openvino",
        "onnxruntime",
        "imageio_ffmpeg",
        "huggingface_hub",
        "scenedetect",
        "ffmpeg",
        "OpenEXR",
        "PIL",
    ]
    program = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({missing!r}))\n"
        "from stylize.cli import main\n"
        "sys.exit(main(['doctor', '--json']))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    said = json.loads(done.stdout)
    assert said["memory"] is None
    failed = {each["feature"] for each in said["verdicts"] if not each["is_fine"]}
    assert {"packages", "networks", "edge engines"} <= failed


def test_a_driver_that_fails_is_a_verdict(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[str]:
        raise RuntimeError("CUDA driver initialization failed")

    monkeypatch.setattr("stylize.system.devices.read_devices", broken)
    found = health.examine()
    (verdict,) = [each for each in found.verdicts if each.feature == "networks"]
    assert not verdict.is_fine
    assert "initialization failed" in verdict.words
    assert not found.is_able


def test_without_torch_exports_can_be_drawn(
    quick: None, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(health, "import_fault", lambda name: "missing" if name == "torch" else None)
    assert main(["doctor"]) == 1
    assert "from exports alone" in capfd.readouterr().out


def test_a_default_style_nobody_knows(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLIZE_STYLE", "nobody")
    (verdict,) = [each for each in health.examine().verdicts if each.feature == "style"]
    assert not verdict.is_fine
    assert "'nobody'" in verdict.words


def test_two_opencv_wheels_are_warned_of(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    wheels = ["opencv-python", "opencv-python-headless"]
    monkeypatch.setattr(health, "opencv_wheels", lambda: wheels)
    (warning,) = health.examine().warnings
    assert "opencv-python and opencv-python-headless overwrite" in warning
    assert "keep one: " in warning
    monkeypatch.setattr(health, "opencv_wheels", lambda: wheels[1:])
    assert health.examine().warnings == ()
