"""Digests are remembered for as long as a file stays as it is, and no longer."""

from __future__ import annotations

import hashlib
import json
import os
from fractions import Fraction
from pathlib import Path

import pytest

from stylize.footage.clip import Clip
from stylize.storage import digests
from stylize.storage.digests import digest_of, remembered_clip
from stylize.storage.fingerprint import fingerprint_clip


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a clock that is past the time in which a file counts as just written."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("STYLIZE_CACHE_DIR", str(folder))
    monkeypatch.setattr(digests, "SETTLED_S", -1.0)
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "weights.safetensors"
    path.write_bytes(b"one")
    return path


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def notes(cache: Path) -> list[Path]:
    return list((cache / "digests").glob("*.json"))


def test_a_file_is_read_once(cache: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert digest_of(file) == sha256(b"one")
    monkeypatch.setattr(hashlib, "file_digest", lambda *_: pytest.fail("it was read again"))
    assert digest_of(file) == sha256(b"one")
    monkeypatch.chdir(file.parent)
    assert digest_of(Path(file.name)) == sha256(b"one")


def test_a_changed_file_is_read_again(cache: Path, file: Path) -> None:
    assert digest_of(file) == sha256(b"one")
    file.write_bytes(b"two, longer")
    assert digest_of(file) == sha256(b"two, longer")
    assert len(notes(cache)) == 1


def test_a_change_that_keeps_size_and_mtime_is_seen(cache: Path, file: Path) -> None:
    times = file.stat().st_atime_ns, file.stat().st_mtime_ns
    assert digest_of(file) == sha256(b"one")
    file.write_bytes(b"two")
    os.utime(file, ns=times)
    assert digest_of(file) == sha256(b"two")


def test_a_file_just_written_is_not_remembered(
    cache: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "SETTLED_S", 60.0)
    assert digest_of(file) == sha256(b"one")
    assert notes(cache) == []


@pytest.mark.parametrize("content", ["{", "[]", json.dumps({"sha256": "0"})])
def test_a_spoilt_cache_is_made_anew(cache: Path, file: Path, content: str) -> None:
    digest_of(file)
    (note,) = notes(cache)
    note.write_text(content)
    assert digest_of(file) == sha256(b"one")
    assert json.loads(note.read_text())["sha256"] == sha256(b"one")


def test_a_cache_that_cannot_be_written_does_no_harm(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_text("a file where the folder would be")
    monkeypatch.setenv("STYLIZE_CACHE_DIR", str(tmp_path / "taken"))
    monkeypatch.setattr(digests, "SETTLED_S", -1.0)
    assert digest_of(file) == sha256(b"one")


def test_tests_do_not_see_the_users_cache(cache_folder: Path) -> None:
    from stylize.edge.library import library_folder
    from stylize.storage.user_cache import user_cache_folder

    assert user_cache_folder() == cache_folder
    assert library_folder().is_relative_to(cache_folder)


def test_a_sequence_is_read_once_until_a_frame_of_it_changes(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        (tmp_path / f"{number:04d}.png").write_bytes(b"%d" % number)
    clip = Clip(tmp_path / "%04d.png", 8, 8, Fraction(24), Fraction(1, 24), 3, first_number=0)
    first = remembered_clip(clip)
    assert first == fingerprint_clip(clip)
    with monkeypatch.context() as patch:
        patch.setattr(hashlib, "file_digest", lambda *_: pytest.fail("it was read again"))
        assert remembered_clip(clip) == first
    (tmp_path / "0001.png").write_bytes(b"x")
    assert remembered_clip(clip) == fingerprint_clip(clip) != first
    assert len(notes(cache)) == 1
