"""Memory, within a container's limit, and its peak."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stylize.system import machine


def test_memory_ends_at_the_containers_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = machine.read_memory()
    assert 0 < free.free <= free.total
    (tmp_path / "memory.max").write_text(f"{1 << 20}\n")
    monkeypatch.setattr(machine, "_CGROUP_LIMITS", (str(tmp_path / "memory.max"), str(tmp_path / "none")))
    assert machine.read_memory() == machine.Capacity(1 << 20, 1 << 20)
    (tmp_path / "memory.max").write_text("max\n")
    assert machine.read_memory().total == free.total


def test_the_peak_of_this_process_is_at_least_what_it_holds() -> None:
    held = np.ones(16 << 20, np.uint8)
    assert held.nbytes < machine.peak_of_this_process() < machine.read_memory().total
