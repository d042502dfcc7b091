"""What was found out about a clip is found once, and again where what was kept cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from stylize.storage.findings import kept_finding


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STYLIZE_CACHE_DIR", str(tmp_path))
    return tmp_path / "findings"


def test_a_finding_is_kept_by_its_facts(cache: Path) -> None:
    looks: list[int] = []

    def found(facts: object) -> tuple[int, ...]:
        def look() -> tuple[int, ...]:
            looks.append(1)
            return (1, 2)

        return kept_finding(facts, look, list, lambda kept: tuple(map(int, kept)))

    assert [found(("a", 1)), found(("a", 1)), found(("a", 2))] == [(1, 2)] * 3
    assert len(looks) == 2
    for file in cache.iterdir():
        file.write_text('["no number"]')
    assert found(("a", 1)) == (1, 2)
    for file in cache.iterdir():
        file.write_text("[1,")
    assert found(("a", 2)) == (1, 2)
    assert len(looks) == 4


def test_a_cache_that_cannot_be_written_costs_time_alone(cache: Path) -> None:
    cache.write_text("a file where the folder belongs")
    assert kept_finding("a", lambda: 3, int, int) == 3
