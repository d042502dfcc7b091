"""The licence of a model on this machine, as the files that it came with say it."""

from __future__ import annotations

import re
from pathlib import Path

from stylize.diffusion.single_file.header import read_header

CARD = "README.md"
LONGEST_CARD = 1 << 16
"""Characters of a model card that are read; what it says of the licence is at its beginning."""
NOT_SAID = "not said"


def licence_of(place: Path) -> str:
    """The licence's short name from the head of the model card, or from a single file's metadata
    (`modelspec.license`); the name of a LICENSE file where there is only that; else `not said`."""
    if place.is_file():
        return read_header(place).metadata.get("modelspec.license", NOT_SAID)
    said = _of_card(place / CARD)
    files = sorted(file.name for file in place.glob("LICENSE*")) if place.is_dir() else []
    return said or (f"in {files[0]}" if files else NOT_SAID)


def _of_card(card: Path) -> str | None:
    try:
        with card.open(encoding="utf-8", errors="replace") as opened:
            text = opened.read(LONGEST_CARD)
    except OSError:
        return None
    head = re.match(r"---[ \t]*\n(.*?)\n---", text, re.DOTALL)
    lines = (
        re.findall(r"^(license|license_name):[ \t]*[\"']?([^\"'\n]+)", head[1], re.MULTILINE) if head else []
    )
    found = {name: value.strip() for name, value in lines}
    return found.get("license_name") or found.get("license")
