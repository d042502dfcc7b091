"""What the machine can do: true facts, a verdict for every lack, and never a crash."""

from __future__ import annotations

import hashlib
import json
import platform
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement
from safetensors.numpy import save_file

from stylize.cli import main
from stylize.errors import MissingPart
from stylize.system import dependencies as parts
from stylize.system import doctor, machine


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing but Python works."""

    def no_packages() -> list[parts.Extra]:
        raise metadata.PackageNotFoundError("stylize")

    def no_ffmpeg() -> str:
        raise MissingPart("No ffmpeg can write films.", hint="Install ffmpeg.")

    monkeypatch.setattr(doctor, "read_extras", no_packages)
    monkeypatch.setattr(doctor, "import_fault", lambda name: f"ModuleNotFoundError: No module named {name!r}")
    monkeypatch.setattr("stylize.footage.facts.ffmpeg_binary", no_ffmpeg)
    monkeypatch.setattr(doctor, "_bundled", list)
    monkeypatch.setattr(doctor, "read_memory", lambda: None)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves the importing of every library out."""
    monkeypatch.setattr(doctor, "MODULES", ("numpy",))


def checkpoint(folder: Path) -> Path:
    (folder / "unet").mkdir(parents=True)
    save_file({"a": np.zeros(40, np.float32), "b": np.ones(3, np.float16)}, folder / "unet" / "w.safetensors")
    return folder / "unet" / "w.safetensors"


def test_this_machine_as_json(quick: None, capfd: pytest.CaptureFixture[str]) -> None:
    code = main(["doctor", "--json"])
    health = json.loads(capfd.readouterr().out)
    assert health["python"] == platform.python_version()
    assert health["processor"]["cores"] >= 1
    assert 0 < health["disk"]["free"] <= health["disk"]["total"]
    assert health["torch"]["version"] == metadata.version("torch")
    assert health["torch"]["devices"][-1].startswith("cpu")
    assert {"libx264", "prores_ks"} <= set(health["ffmpeg"]["encoders"])
    assert health["opencv"] == ["opencv-python-headless"]
    named = {extra["name"] for extra in health["extras"]}
    assert {"", *doctor.EXTRAS} == named
    own = {part["name"]: part["version"] for part in health["extras"][0]["parts"]}
    assert own["numpy"] == np.__version__
    assert (code == 0) is health["is_able"]
    assert health["is_able"] is all(each["is_fine"] for each in health["verdicts"] if each["is_main"])


def test_a_bare_machine_is_told_what_it_lacks(bare: None, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 1
    said = capfd.readouterr().out
    verdicts = {line.split()[1]: line for line in said.splitlines() if line.startswith(("ok", "missing"))}
    assert verdicts["packages"].startswith("missing")
    assert "No module named 'torch'" in verdicts["networks"]
    assert "Install ffmpeg." in verdicts["films"]
    assert "No clip can be drawn here" in said


def test_a_driver_that_fails_is_a_verdict(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[str]:
        raise RuntimeError("CUDA driver initialization failed")

    monkeypatch.setattr(doctor, "_devices", broken)
    health = doctor.examine()
    (verdict,) = [each for each in health.verdicts if each.feature == "networks"]
    assert not verdict.is_fine
    assert "initialization failed" in verdict.words
    assert not health.is_able


def test_a_default_style_nobody_knows(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLIZE_STYLE", "nobody")
    (verdict,) = [each for each in doctor.examine().verdicts if each.feature == "style"]
    assert not verdict.is_fine
    assert "'nobody'" in verdict.words


def test_two_opencv_wheels_are_warned_of(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    wheels = ["opencv-python", "opencv-python-headless"]
    monkeypatch.setattr(doctor, "opencv_wheels", lambda: wheels)
    (warning,) = doctor.examine().warnings
    assert "pip uninstall opencv-python," in warning
    monkeypatch.setattr(doctor, "opencv_wheels", lambda: wheels[1:])
    assert doctor.examine().warnings == ()


def test_whole_weights_are_hashed(tmp_path: Path) -> None:
    file = checkpoint(tmp_path / "model")
    weights = doctor.read_weights(tmp_path / "model")
    assert (weights.name, weights.fault, weights.size) == ("model", None, file.stat().st_size)
    assert weights.sha256 == hashlib.sha256(b"unet/w.safetensors\0" + file.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda data: data[:-7], "cut short"),
        (lambda data: data + b"\0", "cut short"),
        (lambda data: data[:20], "damaged"),
        (lambda data: b"", "damaged"),
        (lambda data: b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
    ],
)
def test_spoilt_weights_are_noticed(tmp_path: Path, spoil: object, told: str) -> None:
    file = checkpoint(tmp_path / "model")
    assert callable(spoil)
    file.write_bytes(spoil(file.read_bytes()))
    assert told in (doctor.read_weights(tmp_path / "model").fault or "")


def test_a_checkpoint_without_weights(tmp_path: Path) -> None:
    assert doctor.read_weights(tmp_path).fault == "it has no weights"


def test_a_part_is_judged_by_its_version() -> None:
    here = metadata.version("numpy")
    assert parts.read_part(Requirement(f"numpy=={here}")) == parts.Part("numpy", f"numpy=={here}", here, None)
    assert parts.read_part(Requirement("numpy>=9999")).fault == ">=9999 is needed"
    assert parts.read_part(Requirement("no-such-package-here>=1")).fault == "not installed"


def test_what_to_type_for_a_missing_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = (
        parts.read_part(Requirement("numpy")),
        parts.read_part(Requirement("no-such-package-here>=1,<2")),
    )
    monkeypatch.setattr(parts, "_checkout", lambda: tmp_path)
    told = parts.install_command("ui", lacking)
    assert told.endswith("pip install 'no-such-package-here<2,>=1'")
    assert "numpy" not in told
    (tmp_path / "uv.lock").touch()
    assert parts.install_command("ui", lacking) == "uv sync --inexact --extra ui"


def test_a_broken_wheel_is_told_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_wheel.py").write_text("raise OSError('libgone.so: not found\\nand so on')")
    monkeypatch.syspath_prepend(tmp_path)
    assert parts.import_fault("broken_wheel") == "OSError: libgone.so: not found"
    assert parts.import_fault("json") is None


def test_memory_ends_at_the_containers_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = machine.read_memory()
    assert free is not None
    assert 0 < free.free <= free.total
    (tmp_path / "memory.max").write_text(f"{1 << 20}\n")
    monkeypatch.setattr(machine, "_CGROUP_LIMITS", (str(tmp_path / "memory.max"), str(tmp_path / "none")))
    assert machine.read_memory() == machine.Room(1 << 20, 1 << 20)
    (tmp_path / "memory.max").write_text("max\n")
    room = machine.read_memory()
    assert room is not None
    assert room.total == free.total
