"""What README.md shows works as it stands: its command lines, in the environment that scripts/demo makes."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from stylize.cli import main

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
OUTPUTS = ("-o", "--out", "--foreground", "--matte-out", "--compare")
"""The flags after which a path is written, not read."""
ELSEWHERE = ("--jobs", "--runtime", "--preview-film", "--work-dir", "--keyframes", "live")
"""Words of `stylize run` whose command needs more than the sample clips and the demo's environment: a list of
jobs, an export, a store, paintings, an extra."""
HUB = re.compile(r"(^|@)[\w.-]+/[\w.-]+(:[\d.]+)?$")
"""A value that names a hub model: `owner/name`, or `condition@owner/name:weight`."""
IN_THE_DEMOS_ENVIRONMENT = """
import json, sys
from importlib.machinery import PathFinder

hidden, lines = map(json.loads, sys.argv[1:])

class Hiding(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in hidden else super().find_spec(name, path, target)

sys.meta_path[:] = [Hiding if each is PathFinder else each for each in sys.meta_path]
from stylize.cli import main
failed = [words for words in lines if main(words) != 0]
sys.exit(f"failed: {failed}" if failed else 0)
"""


def readme_commands(text: str) -> list[list[str]]:
    """The words of every `stylize ...` line in the fenced blocks, without the program's name and comments."""
    blocks = re.findall(r"^```[\w-]*\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    lines = [line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("stylize ")]


COMMANDS = readme_commands(README.read_text(encoding="utf-8"))


def can_be_planned(words: list[str]) -> bool:
    """Whether `--dry-run` answers with the sample clips alone: a `run` without a hub model or a farm."""
    if words[0] != "run" or any(flag in words for flag in ELSEWHERE):
        return False
    return not any(HUB.search(word) and not word.startswith("examples/") for word in words[1:])


def planned(words: list[str]) -> list[str]:
    """The command with the sample clips in place of the reader's own, and nothing drawn."""
    clip = "greenscreen.mp4" if "--comp" in words else "sample.mp4"
    result: list[str] = []
    for word in words:
        is_read = not result or result[-1] not in OUTPUTS
        if is_read and Path(word).suffix in (".mp4", ".mov"):
            word = str(ROOT / "examples" / clip)
        elif is_read and Path(word).suffix == ".jpg":
            word = str(ROOT / "docs" / "look" / "fine.jpg")
        elif is_read and result and result[-1] == "--comp":
            word = str(ROOT / "examples" / "greenscreen.toml")
        result.append(word)
    for flag in ("--preview", "--try"):  # they draw frames, so only the rest of the command is tried
        while flag in result:
            at = result.index(flag)
            del result[at : at + 2]
    return [*(word for word in result if word != "--dry-run"), "--dry-run"]


def options_only(words: list[str]) -> list[str]:
    """The command with --help before its first option: unknown options are refused, and nothing is done."""
    first = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
    return [*words[:first], "--help", *words[first:]]


def modules_outside_the_demo() -> list[str]:
    """Modules that are installed here and not by scripts/demo: those of other extras, and the tools."""
    extras = re.findall(r"--extra (\w+)", (ROOT / "scripts" / "demo").read_text())
    kept = set(closure("stylize", frozenset(extras), set()))
    return [
        module
        for module, owners in metadata.packages_distributions().items()
        if not kept & {canonical(owner) for owner in owners}
    ]


def closure(name: str, extras: frozenset[str], seen: set[tuple[str, frozenset[str]]]) -> Iterator[str]:
    """The names of a distribution and of all that it needs with these extras, as far as installed."""
    if (name, extras) in seen:
        return
    seen.add((name, extras))
    yield name
    try:
        lines = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return
    for requirement in map(Requirement, lines):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield from closure(canonical(requirement.name), frozenset(requirement.extras), seen)


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_readme_shows_commands() -> None:
    assert len(COMMANDS) > 5
    assert any(map(can_be_planned, COMMANDS))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_option_in_the_readme_exists(words: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert main(options_only(words)) == 0, capfd.readouterr().err


def test_an_option_that_does_not_exist_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(options_only(["run", "clip.mp4", "--no-such-option", "1"])) == 2
    assert "--no-such-option" in capfd.readouterr().err


def test_the_demos_environment_does_what_the_readme_shows(tmp_path: Path) -> None:
    hidden = modules_outside_the_demo()
    assert {"ray", "rembg", "aimet_torch", "pytest"} <= set(hidden)
    assert not {"torch", "numpy", "cv2", "diffusers"} & set(hidden)
    lines = [planned(words) for words in COMMANDS if can_be_planned(words)]
    lines = [words for at, words in enumerate(lines) if words not in lines[:at]]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", IN_THE_DEMOS_ENVIRONMENT, json.dumps(hidden), json.dumps(lines)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not [path for path in tmp_path.iterdir() if path.is_file()], "a dry run wrote a film"
