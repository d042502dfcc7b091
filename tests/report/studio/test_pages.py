"""The studio's pages without a browser: what is on them, and what they leave on the disk."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from stylize.report.studio.library import Library, Project

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


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_a_backdrop_that_is_taken_is_offered(client: Any, film: bytes, suffix: str) -> None:
    send(client, "a.mp4", film)
    _, coded = cv2.imencode(suffix, np.zeros((4, 6, 3), np.uint8))
    assert send(client, f"wall{suffix}", coded.tobytes(), "backdrops").status_code == 200
    assert f'value="wall{suffix}"' in client.get("/p/walk/clip/a.mp4/key").text


def test_the_scene_of_a_clip_of_any_name_is_found_again(client: Any, library: Library, film: bytes) -> None:
    place = library.project("walk").place("clips")
    (place / "a,b.mp4").write_bytes(film)  # copied in by hand
    client.post("/p/walk/clip/a,b.mp4/scene", headers=SENT, follow_redirects=False)
    told = client.post("/p/walk/clip/a,b.mp4/command/render", data={"comp": "a,b.toml"}, headers=SENT)
    assert "--comp scenes/a,b.toml" in told.text


@pytest.mark.parametrize("fails", [errno.EPERM, errno.EOPNOTSUPP])
def test_uploads_are_kept_on_a_disk_without_hard_links(
    client: Any, library: Library, film: bytes, monkeypatch: pytest.MonkeyPatch, fails: int
) -> None:
    def refuse(source: Path, path: Path) -> None:
        raise OSError(fails, os.strerror(fails))

    monkeypatch.setattr(os, "link", refuse)
    assert [send(client, "a.mp4", film).text for _ in range(2)] == ["a.mp4", "a 2.mp4"]
    _, coded = cv2.imencode(".png", np.zeros((4, 6, 3), np.uint8))
    assert send(client, "wall.png", coded.tobytes(), "backdrops").status_code == 200
    clips = library.project("walk").files("clips")
    assert [file.read_bytes() for file in clips] == [film, film]


def test_a_good_picture_that_cannot_be_kept_is_not_called_a_bad_one(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(project: Project, temporary: Path, kind: str, name: str) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Project, "take", full)
    _, coded = cv2.imencode(".png", np.zeros((4, 6, 3), np.uint8))
    answer = send(client, "wall.png", coded.tobytes(), "backdrops")
    assert (answer.status_code, "disk is full" in answer.text) == (507, True)


def test_looking_makes_no_folders(client: Any, library: Library) -> None:
    for address in ("/", "/p/walk", "/p/walk/films", "/p/walk/train"):
        assert client.get(address).status_code == 200
    assert list((library.root / "walk").iterdir()) == []
    (library.root / "walk" / "clips").touch()  # a file of this name: no project of ours
    assert client.get("/").status_code == 200
