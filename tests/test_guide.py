"""Every command in the guide works: those that take little are run on a small clip, the others are only read."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from stylize.cli import main
from stylize.cli.app import app
from tests.report.conftest import moving, write_clip

ROOT = Path(__file__).parent.parent
PAGES = (
    *sorted((ROOT / "docs" / "guide").glob("*.md")),
    ROOT / "docs" / "styles.md",
    ROOT / "docs" / "edge.md",
)
BLOCK = re.compile(r"^```(?:sh)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
RUN = ("shots", "styles list", "styles show", "compare", "steady", "key", "doctor")
"""Commands that are run as they stand."""
REFUSED = "# refused"
"""What is written behind a command that the guide shows being refused."""


def commands(page: Path) -> Iterator[str]:
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        yield from (line.strip() for line in block.splitlines() if line.strip().startswith("stylize "))


LINES = [pytest.param(line, id=f"{page.stem}: {line[8:48]}") for page in PAGES for line in commands(page)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the guide's commands name."""
    folder = tmp_path_factory.mktemp("guide")
    for name in ("clip", "plate", "clip.anime", "clip.cel", "other"):
        write_clip(folder / f"{name}.mp4", moving(30))
    write_clip(folder / "drawn.mp4", moving(30, flicker=0.05))
    write_clip(folder / "calm.mp4", moving(30))
    green = [_before_a_screen(frame) for frame in moving(4)]
    write_clip(folder / "plate.green.mp4", green)
    (folder / "jobs.toml").write_text('[[job]]\nclip = "clip.mp4"\nout = "job.mp4"\n')
    (folder / "shots.csv").write_text("start,end\n0,12\n12,30\n")
    (folder / "drawings").mkdir()
    return folder


def _before_a_screen(frame: np.ndarray) -> np.ndarray:
    screen = np.zeros_like(frame)
    screen[:] = (0.1, 0.7, 0.2)
    cv2.rectangle(screen, (40, 20), (90, 95), (0.7, 0.3, 0.2), -1)
    return screen


def test_there_are_commands_on_every_page_of_the_guide() -> None:
    assert [page.name for page in PAGES if not list(commands(page))] == []


@pytest.mark.parametrize("line", LINES)
def test_a_command_of_the_guide_works(line: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    words = shlex.split(line.partition("#")[0])[1:]
    if words[0] == "key":
        words[1] = "plate.green.mp4"
    if REFUSED in line:
        assert main([*words, "--no-progress"]) == 2
    elif "--dry-run" in words:
        assert main([*words, "-q"]) == 0
    elif " ".join(words).startswith(RUN):
        more = [] if words[0] in ("doctor", "styles") or "-y" in words else ["-y"]
        assert main([*words, *more, "--no-progress"]) == 0
    else:
        read(words)


def read(words: list[str]) -> None:
    """Reads a command as the program would, and does not do it.

    Raises:
        TyperException: an option that there is not, a value that it cannot have, or a missing argument.
    """
    from typer.main import get_command

    context = get_command(app).make_context("stylize", list(words))
    command, rest = context.command, words
    while hasattr(command, "resolve_command"):
        _, command, rest = command.resolve_command(context, rest)
        context = command.make_context(command.name, list(rest), parent=context)
        rest = (
            [*context._protected_args, *context.args] if hasattr(context, "_protected_args") else context.args
        )


def test_a_wrong_command_would_be_seen() -> None:
    for line in ("run clip.mp4 --strenght 1", "farm export", "unheard of"):
        with pytest.raises(Exception, match=r"No such|Missing"):
            read(shlex.split(line))


def test_the_site_has_every_page_and_no_link_that_leads_out_of_it() -> None:
    docs = ROOT / "docs"
    pages = {file.relative_to(docs).as_posix() for file in docs.rglob("*.md")}
    told = (ROOT / "mkdocs.yml").read_text().partition("nav:")[2]
    assert set(re.findall(r"[\w/-]+\.md", told)) == pages
    for page in pages:
        for link in re.findall(r"\]\(([^)#\s]+)", (docs / page).read_text()):
            if "://" not in link:
                target = (docs / page).parent.joinpath(link).resolve()
                assert target.is_relative_to(docs), f"{page}: {link}"
                assert target.is_file(), f"{page}: {link}"
