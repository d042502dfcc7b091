"""`stylize styles`: what is at hand, and what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from stylize.config.packs.find import list_styles
from stylize.config.style import Style

from .conftest import Typed

INKY = """
title = "Inky [bold]"
licence = "CC0-1.0"
checkpoint = "owner/model"
prompt = "ink on paper"
[[controls]]
condition = "canny"
weight = 0.7
[finish]
lines = 0.25
"""


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    (tmp_path / "packs" / "inky").mkdir(parents=True)
    (tmp_path / "packs" / "inky" / "style.toml").write_text(INKY)
    return tmp_path / "packs"


def test_list(typed: Typed, packs: Path) -> None:
    said = typed("styles", "list", "--styles-dir", packs)
    assert said.code == 0
    for pack in list_styles():
        assert pack.name in said.out
    assert "Inky [bold]" in said.out
    assert "owner/model" in said.out


def test_list_for_a_machine(typed: Typed, packs: Path) -> None:
    (records,) = typed("styles", "list", "--json", "--styles-dir", packs).lines
    assert [each["name"] for each in records] == sorted([*(p.name for p in list_styles()), "inky"])


def test_the_folders_of_the_settings_count(typed: Typed, packs: Path) -> None:
    Path("stylize.toml").write_text('styles_dirs = ["packs"]\n')
    assert "inky" in typed("styles", "list").out
    assert typed("styles", "show", "inky").code == 0


def test_show_says_every_field(typed: Typed, packs: Path) -> None:
    said = typed("styles", "show", "inky", "--styles-dir", packs)
    assert said.code == 0
    for word in ("ink on paper", "CC0-1.0", "canny", "0.7", "0.25", "packs/inky"):
        assert word in said.out
    for name in Style.model_fields:
        assert name.replace("_", " ") in said.out


def test_show_for_a_machine(typed: Typed, packs: Path) -> None:
    (record,) = typed("styles", "show", packs / "inky", "--json").lines
    assert (record["name"], record["folder"]) == ("inky", str(packs / "inky"))
    assert record["controls"][0]["condition"] == "canny"
    assert record["finish"]["lines"] == 0.25
    assert record["licence"] == "CC0-1.0"


def test_a_style_nobody_knows(typed: Typed) -> None:
    said = typed("styles", "show", "nobody")
    assert said.code == 2
    assert "'nobody'" in said.err
    assert list_styles()[0].name in said.err


def test_a_broken_pack_is_named(typed: Typed, packs: Path) -> None:
    (packs / "inky" / "style.toml").write_text("title = ")
    said = typed("styles", "list", "--styles-dir", packs)
    assert said.code == 2
    assert "inky" in said.err


def test_a_card_shows_the_cover_and_frames_in_one_page(
    typed: Typed, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STYLIZE_SIZE", "64")
    said = typed("styles", "show", "cel", "--card", "cel.html", "--on", f"{clip}@1f", "--on", clip)
    assert said.code == 0, said.err
    page = Path("cel.html").read_text()
    assert page.count("data:image/jpeg") == 5  # the cover; source and drawing of two frames
    assert f"drawn: {clip.name}, frame 1" in page
    assert "stylize run CLIP --style cel" in page
    assert not [word for word in ("http://", "https://") if word in page]


def test_a_card_of_a_stranger_s_style_runs_none_of_its_words(typed: Typed, packs: Path) -> None:
    file = packs / "inky" / "style.toml"
    file.write_text(INKY.replace("Inky [bold]", "<script>alert(1)</script>"))
    assert typed("styles", "show", "inky", "--styles-dir", packs, "--card", "inky.html").code == 0
    assert "<script>alert" not in Path("inky.html").read_text()


def test_a_card_draws_the_style_that_was_named(
    typed: Typed, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path, a style of another folder, and a stack with its weights: none is looked up by its name alone."""
    monkeypatch.setenv("STYLIZE_SIZE", "64")
    own = 'title = "Mine"\ncheckpoint = "mini"\nprompt = "anime"\n'
    for folder, text in (("packs/mine", own), ("cel", own.replace("mini", "owner/model"))):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "style.toml").write_text(text)
    for number, words in enumerate((["packs/mine"], ["mine", "--styles-dir", "packs"])):
        said = typed("styles", "show", *words, "--card", f"{number}.html", "--on", clip)
        assert said.code == 0, said.err
        assert f"stylize run CLIP --style {words[0]}" in Path(f"{number}.html").read_text()
    said = typed("styles", "show", "./cel", "--card", "cel.html", "--on", clip)
    assert (said.code, "owner/model" in said.err) == (2, True)  # the bundled cel draws with another
    assert typed("styles", "show", "anime+ink-noir:0.5", "--card", "both.html").code == 0
    assert "stylize run CLIP --style anime+ink-noir:0.5" in Path("both.html").read_text()


def test_a_card_that_cannot_be_meant(typed: Typed, clip: Path) -> None:
    Path("there.html").write_text("kept")
    for words in (
        ("--card", "cel.txt"),
        ("--on", clip),
        ("--card", "there.html"),
        ("--card", clip, "--on", clip),
    ):
        said = typed("styles", "show", "cel", *words)
        assert said.code == 2, words
    assert Path("there.html").read_text() == "kept"
