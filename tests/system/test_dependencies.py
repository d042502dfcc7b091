"""Packages and extras: what is installed, what to paste for the rest, and one OpenCV for everybody."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from stylize.system import dependencies
from stylize.system.dependencies import Package, import_fault, install_hint, read_extras, read_package

ROOT = Path(__file__).resolve().parents[2]


def test_one_opencv_is_locked_and_only_telemetry_is_left_out() -> None:
    """Plain pip, which reads no overrides, finds what else the lock holds: `scripts/check-pip` asks it."""
    with (ROOT / "uv.lock").open("rb") as file:
        lock = tomllib.load(file)
    names = [package["name"] for package in lock["package"]]
    assert [name for name in names if name.startswith("opencv")] == ["opencv-python-headless"]
    assert "openvino-telemetry" not in names
    assert [each["name"] for each in lock["manifest"]["overrides"]] == ["openvino-telemetry"]


def test_no_other_place_says_how_an_extra_is_installed() -> None:
    files = [file for folder in ("stylize", "training") for file in (ROOT / folder).rglob("*.py")]
    own = re.compile(r"uv sync|scripts/install|pip install '?stylize|--extra\b")
    wrong = [str(file) for file in files if file.name != "dependencies.py" and own.search(file.read_text())]
    assert wrong == []


def test_a_package_is_judged_by_its_version() -> None:
    here = metadata.version("numpy")
    assert read_package(Requirement(f"numpy=={here}")) == Package("numpy", f"numpy=={here}", here, None)
    assert read_package(Requirement("numpy>=9999")).fault == ">=9999 is needed"
    assert read_package(Requirement("no-such-package-here>=1")).fault == "not installed"


def test_what_to_paste_in_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert install_hint("camera", "matte") == "scripts/install camera matte"
    assert install_hint() == "scripts/install"
    monkeypatch.chdir(tmp_path)
    assert install_hint("camera") == f"{ROOT}/scripts/install camera"


@pytest.mark.parametrize(
    ("extras", "flags"),
    [
        (["camera", "matte"], "--extra camera --extra matte"),
        (["all"], "--all-extras"),
        ([], ""),
    ],
)
def test_the_command_asks_for_the_extras_and_removes_none(
    extras: list[str], flags: str, tmp_path: Path
) -> None:
    program = tmp_path / "uv"
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = [ROOT / "scripts" / "install", *extras]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    words = done.stdout.split()
    assert words[0] == "sync"
    assert {"--locked", "--inexact"} <= set(words)
    assert done.stdout.strip().endswith(f"--no-dev --quiet {flags}".strip())


def test_what_to_paste_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dependencies, "_checkout", lambda: tmp_path)
    assert install_hint("camera", "matte") == "pip install 'stylize[camera,matte]'"
    assert install_hint() == "pip install stylize"


def test_every_extra_has_its_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    hints = {extra.name: extra.install for extra in read_extras()}
    assert hints["camera"] == "scripts/install camera"
    assert hints[""] == "scripts/install"


def test_a_broken_wheel_is_reported_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_wheel.py").write_text("raise OSError('libgone.so: not found\\nand so on')")
    monkeypatch.syspath_prepend(tmp_path)
    assert import_fault("broken_wheel") == "OSError: libgone.so: not found"
    assert import_fault("json") is None
