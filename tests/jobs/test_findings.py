"""What was found of a clip is looked for again once whoever found it has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from stylize.jobs import findings
from stylize.storage.fingerprint import fingerprint_code


@pytest.mark.parametrize("package", ["numpy", "opencv-python-headless", "OpenEXR", "av", "pillow"])
def test_another_version_of_a_package_finds_anew(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = findings.state_of_readers()
    versions = findings.version_of
    monkeypatch.setattr(findings, "version_of", lambda name: "0" if name == package else versions(name))
    assert findings.state_of_readers() != before


@pytest.mark.parametrize("package", ["footage", "deflicker", "compositing"])
def test_other_code_finds_anew(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Motion is seen by the deflicker, and transparent plates get their ground from the compositing."""
    before = findings.state_of_readers()

    def changed(folder: Path) -> str:
        return "0" * 16 if folder.name == package else fingerprint_code(folder)

    monkeypatch.setattr(findings, "fingerprint_code", changed)
    assert findings.state_of_readers() != before
