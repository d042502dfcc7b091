"""The program itself: quick help, version, words that cannot be meant, a closed pipe."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import stylize
from stylize.cli.app import Program, app

from .conftest import Typed


def in_python(program: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["--version"]])
def test_help_waits_for_nothing_heavy(words: list[str]) -> None:
    program = (
        "import sys\n"
        "from stylize.cli import main\n"
        f"code = main({words!r})\n"
        "heavy = {'torch', 'numpy', 'cv2', 'av', 'diffusers', 'pydantic_settings'} & set(sys.modules)\n"
        "assert code == 0 and not heavy, heavy\n"
    )
    done = in_python(program)
    assert done.returncode == 0, done.stderr
    assert "stylize" in done.stdout


def test_version(typed: Typed) -> None:
    said = typed("--version")
    assert (said.code, said.out) == (0, f"stylize {stylize.__version__}\n")


def test_help_groups_the_flags_of_a_run() -> None:
    shown = CliRunner().invoke(app, ["run", "--help"]).output
    for panel in ("Output", "Style", "Frames", "Model", "Footage", "Run", "Terminal"):
        assert f"─ {panel} ─" in shown
    for flag in ("--strength", "--control", "--preview", "--dry-run", "--no-resume", "--overwrite"):
        assert flag in shown
    assert "<bool>" not in shown


def test_the_programs_help_says_of_each_command_what_the_command_says() -> None:
    program = typer.main.get_command(app)
    assert isinstance(program, Program)
    for name, command in program.load_all():
        first = (command.help or "").partition("\n\n")[0]
        assert program.commands[name].help == first


def test_no_command_shows_the_help(typed: Typed) -> None:
    said = typed()
    assert said.code == 0
    assert "Usage: stylize" in said.out


@pytest.mark.parametrize(
    ("words", "told"),
    [(["rnu"], "'rnu'"), (["run"], "CLIP"), (["run", "a.mp4", "--steps", "few"], "--steps")],
)
def test_words_that_cannot_be_meant(typed: Typed, words: list[str], told: str) -> None:
    said = typed(*words)
    assert said.code == 2
    assert said.err.startswith("error: ")
    assert told in said.err
    assert "--help" in said.err.splitlines()[-1]


def test_errors_of_words_reach_a_machine_too(typed: Typed) -> None:
    said = typed("run", "--json")
    assert said.lines[0]["event"] == "error"
    assert said.lines[0]["exit_code"] == 2


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["styles", "list", "--json"], 1, ""),
        (["--version"], 1, ""),
        (["run", "--json"], 2, "error: Missing argument 'CLIP'.\n\nhint: see: stylize run --help\n"),
    ],
)
def test_a_reader_that_hangs_up_is_no_bug(words: list[str], code: int, told: str) -> None:
    """As in `stylize styles list | head -0`: no traceback, and no complaint at Python's exit."""
    program = f"from stylize.cli import main; raise SystemExit(main({words!r}))"
    writer = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    assert writer.stderr is not None
    writer.stdout.close()
    with writer.stderr as stderr:
        said = stderr.read()
    assert writer.wait(timeout=120) == code
    assert said == told
