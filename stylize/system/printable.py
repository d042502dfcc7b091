"""Text of unknown origin as a terminal may show it: names, titles and messages hold whatever somebody put there."""

from __future__ import annotations

import unicodedata

HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode's categories of what a terminal obeys, or what turns the order of letters round: control and format
characters, lone surrogates, separators of lines and paragraphs."""
JOINERS = "\u200c\u200d"
"""Format characters that spelling needs."""


def printable(text: str, *, lines: bool = True) -> str:
    """The text with control characters written out, `\\x1b` for escape.

    Args:
        lines: leave line breaks and tabs as they are; without, the text stays on one line.
    """
    if text.isascii() and text.isprintable():
        return text
    kept = JOINERS + ("\n\t" if lines else "")
    return "".join(
        character
        if character in kept or unicodedata.category(character) not in HIDDEN
        else _written(character)
        for character in text
    )


def _written(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
