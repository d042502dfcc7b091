"""Command lines as a person types them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

NOT_REPEATED = {
    "-y": 0,
    "--overwrite": 0,
    "--json": 0,
    "-q": 0,
    "--quiet": 0,
    "--no-progress": 0,
    "--bell": 0,
    "--debug": 0,
}
"""Options that say nothing about what is made, with the number of words after each."""


def repeat_command(
    words: Sequence[str], without: Mapping[str, int] | None = None, plus: Sequence[str] = ()
) -> str:
    """A command that does the same as the one that was typed, to be pasted into a shell.

    Args:
        words: what was typed after the program's name.
        without: further options to leave out, with the number of words after each.
        plus: words to add; an option given twice counts the second time.
    """
    dropped = {**NOT_REPEATED, **(without or {})}
    kept: list[str] = []
    skip = 0
    for word in words:
        name, equals, _ = word.partition("=")
        if skip:
            skip -= 1
        elif word in dropped:
            skip = dropped[word]
        elif not (equals and name in dropped):
            kept.append(word)
    return shlex.join(["stylize", *kept, *plus])
