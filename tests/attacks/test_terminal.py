"""Names and titles hold whatever somebody put there: a terminal obeys none of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from stylize.cli.terminal import Terminal
from stylize.cli.worker import _OpenjdReport
from stylize.errors import UsageError
from stylize.system.printable import printable
from tests.attacks.conftest import Typed

ESCAPES = "\x1b]0;title\x07\x1b[2J\x9b31m\u202e\r"
STRANGE = f"clip{ESCAPES}[red]x :smile:"


def is_harmless(text: str) -> bool:
    return not any(character in text for character in ESCAPES if character not in "0;titleJm[]23;1")


def test_names_of_clips(tmp_path: Path, clip: Path, typed: Typed) -> None:
    named = tmp_path / f"{STRANGE}\n.mp4"
    shutil.copy(clip, named)
    for words in (
        ("shots", named),
        ("shots", named, "-o", f"{named}.csv"),
        ("shots", named, "--json"),
        ("run", named, "--dry-run", "--runtime", "torch", "--device", "cpu"),
        ("run", f"{named}.missing"),
        ("run", named, "--style", STRANGE),
    ):
        said = typed(*words)
        assert is_harmless(said.out + said.err), said
        assert "itself failed" not in said.err, said.err


def test_titles_of_styles(tmp_path: Path, typed: Typed) -> None:
    pack = tmp_path / "packs" / "strange"
    pack.mkdir(parents=True)
    title = 'title = "\\u001b[31m[/]\\u009b31m"\ndescription = "\\u202e\\r\\u001b[2J"\n'
    (pack / "style.toml").write_text(title + 'checkpoint = "mini"\nprompt = "[red]"\n')
    for words in (("styles", "list"), ("styles", "show", "strange")):
        said = typed(*words, "--styles-dir", pack.parent)
        assert said.code == 0, said
        assert is_harmless(said.out + said.err), said
        assert "\\x1b" in said.out


@pytest.mark.parametrize("text", [STRANGE, "a\nopenjd_env: PATH=/tmp"])
def test_a_name_is_no_line_of_a_scheduler(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    with Terminal() as terminal:
        report = _OpenjdReport(terminal)
        report.begun(text, 10, 0)
        report.failed(UsageError("There is no such file.", where=text))
        terminal.report(UsageError(f"There is no {text}", where=text))
    said = capfd.readouterr()
    assert is_harmless(said.out + said.err)
    assert all(line.startswith(("openjd_status: ", "openjd_fail: ")) for line in said.out.splitlines())
    assert "openjd_env" not in [line.partition(":")[0] for line in said.err.splitlines()]


def test_what_people_write_stays_as_it_is() -> None:
    plain = "Ünïcødé 日本語 한국어 العربية 😀 a\u200db.mp4"
    assert printable(plain) == plain
    assert printable("a\nb\tc") == "a\nb\tc"
    assert printable("a\nb", lines=False) == "a\\nb"
