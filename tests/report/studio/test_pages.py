"""The studio's pages without a browser: what is on them, and what they leave on the disk."""

from __future__ import annotations

import re
from typing import Any

import pytest

from stylize.report.studio.library import Library

from .conftest import SENT, send


def test_every_set_of_drawings_has_fields_of_its_own(client: Any, library: Library) -> None:
    for name in ("a", "b"):
        client.post("/p/walk/drawings", data={"name": name}, headers=SENT)
        (library.root / "walk" / "drawings" / name / "1.png").touch()
    page = client.get("/p/walk/train").text
    ids = re.findall(r' id="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    for label, field in re.findall(r'<label for="([^"]*)">Add drawings.*?<input [^>]*id="([^"]*)"', page):
        assert label == field
    assert page.count("Add drawings to") == 2


@pytest.mark.parametrize("name", ["Été", "Gouache (night)", "Anime"])
def test_a_set_is_named_as_a_style_can_be(client: Any, library: Library, name: str) -> None:
    """Or all its trainings would be refused, when the drawings are in."""
    answer = client.post("/p/walk/drawings", data={"name": name}, headers=SENT)
    assert answer.status_code == 400
    assert "style" in answer.text
    assert not library.project("walk").drawing_sets()


def test_being_trained_are_trainings_alone(client: Any, film: bytes) -> None:
    send(client, "a.mp4", film)
    client.post("/p/walk/drawings", data={"name": "ink"}, headers=SENT)
    assert client.post("/p/walk/train/ink", headers=SENT, follow_redirects=False).status_code == 303
    assert client.post("/p/walk/clip/a.mp4/look", headers=SENT).text == "queued"
    for address in ("/p/walk/train/tasks", "/p/walk/train"):
        page = client.get(address).text
        assert "Style ink" in page
        assert "Try on a.mp4" not in page
    assert 'data-refresh="/p/walk/train/tasks"' in client.get("/p/walk/train").text
