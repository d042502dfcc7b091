"""The short form of the corpus of media: `scripts/corpus` tries a thousand files."""

from __future__ import annotations

from tests.hostile.corpus import run


def test_hostile_media_give_a_film_or_a_sentence() -> None:
    """Every kind as it is, and some broken in every way. Nothing hangs, crashes, or is of a wrong length."""
    found = run(count=100, seed=7, minutes=3)
    assert found["files"] == 100
    assert not found["wrong"], found["wrong"]
    assert found["counts"]["as it is"]["film"] > 20
