"""Which backend is best, and the timings that it is chosen by."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from stylize.edge.library import ExportKey, library_folder
from stylize.generators.backends import TORCH, Backend, backends_of, best_backend
from stylize.generators.inspect import inspect_checkpoint
from stylize.generators.timings_cache import read_timings, write_timings
from stylize.storage import digests

KEY = ExportKey("revision", (("tile", ""),), (), 0)


def backend(name: str, seconds: float | None, fault: str | None = None) -> Backend:
    return Backend(name, None if name == TORCH else f"/exports/{name}", seconds, None, fault)


def test_the_fastest_without_a_fault_is_best() -> None:
    torch, exact, int8 = backend(TORCH, 2.0), backend("float", 1.0), backend("cpu-int8", 0.5)
    assert best_backend([torch, exact, int8]) is int8
    assert best_backend([torch, exact, backend("cpu-int8", 0.5, "it flickers")]) is exact
    assert best_backend([torch]) is torch
    assert best_backend([backend(TORCH, None, "torch is not installed")]) is None


def test_an_export_is_best_until_all_are_timed() -> None:
    exact = backend("float", None)
    assert best_backend([backend(TORCH, 0.1), exact]) is exact


def test_timings_are_kept_for_their_exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLIZE_CACHE_DIR", str(tmp_path))
    assert read_timings(KEY) == {}
    timings = {(TORCH, None): 1.5, ("float", "/exports/float"): 0.75}
    write_timings(KEY, timings)
    assert read_timings(KEY) == timings
    assert read_timings(ExportKey("another", (), (), 0)) == {}
    assert [each.seconds for each in backends_of(KEY)] == [1.5]  # the export itself is not there


@pytest.mark.parametrize("content", ["{", "[1]", '[{"name": "torch"}]'])
def test_timings_that_cannot_be_read_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    monkeypatch.setenv("STYLIZE_CACHE_DIR", str(tmp_path))
    write_timings(KEY, {(TORCH, None): 1.5})
    (file,) = (library_folder() / "timings").iterdir()
    file.write_text(content)
    assert read_timings(KEY) == {}


def test_weights_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLIZE_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(digests, "SETTLED_S", -1.0)
    read: list[str] = []
    digest = hashlib.file_digest

    def counted(file: Any, name: str) -> Any:
        read.append(str(file.name))
        return digest(file, name)

    monkeypatch.setattr(hashlib, "file_digest", counted)
    first, second = inspect_checkpoint("mini"), inspect_checkpoint("mini")
    assert first == second
    weights = [name for name in read if name.endswith(".safetensors")]
    assert weights
    assert len(weights) == len(set(weights))
