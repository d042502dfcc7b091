"""A whole page: its head, its style, its script, and the policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import stylize
from stylize.report.page.markup import Markup, tag

MARK = "stylize report"
"""What the head of every page says, by which a page of ours is known."""
_HERE = Path(__file__).parent


def write_document(title: str, body: Markup, data: dict[str, str | dict[str, Any]] | None = None) -> bytes:
    """A page that works from the disk without a network, and that runs no script but its own.

    Args:
        body: what the page shows.
        data: what its script reads, each in an element of that id: text, or a table as JSON.
    """
    style, script = _asset("page.css"), _asset("page.js")
    policy = (
        "default-src 'none'; img-src data:; media-src blob:; base-uri 'none'; form-action 'none'; "
        f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="generator", content=f"{MARK} {stylize.__version__}"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", Markup(style)),
    )
    blocks = [_data_block(name, each) for name, each in (data or {}).items()]
    end = tag("script", Markup(script))
    page = tag("html", head, tag("body", body, *blocks, end), lang="en")
    return f"<!doctype html>\n{page}\n".encode()


def is_ours(file: Path) -> bool:
    """Whether a file is a page that this module wrote."""
    with file.open("rb") as opened:
        return MARK.encode() in opened.read(4096)


def _data_block(name: str, value: str | dict[str, Any]) -> Markup:
    """What a script reads and the browser does not run. `<` is the only character that could end it."""
    text = value if isinstance(value, str) else json.dumps(value)
    return tag("script", Markup(text.replace("<", "\\u003c")), id=name, type="text/plain")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _asset(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
