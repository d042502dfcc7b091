"""docs/cli.md is what the program's own options say."""

from __future__ import annotations

from stylize.cli.reference import reference
from tests.conftest import ROOT


def test_the_reference_is_up_to_date() -> None:
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert written == reference(), "write it anew: python -m stylize.cli.reference > docs/cli.md"


def test_it_describes_every_command_and_no_old_flag() -> None:
    text = reference()
    for path in ("run", "train style", "train pairs real", "farm retry", "edge report", "styles install"):
        assert f"# stylize {path}\n" in text
    assert "--deflicker" in text
    assert "--steady" not in text
