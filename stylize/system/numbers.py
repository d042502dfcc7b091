"""Numbers as people and files write them: short, plain and finite, or none at all.

Python reads `1e400000000` as a fraction of four hundred million digits, and `1_0` as ten.
"""

from __future__ import annotations

import re
from fractions import Fraction

from stylize.system.limits import limits

_COUNT = re.compile(r"\d+", re.ASCII)
_NUMBER = re.compile(r"\d+/\d+|\d+(?:\.\d*)?|\.\d+", re.ASCII)


def read_count(text: str) -> int | None:
    """A whole number from 0; None where the text is none, or too long to be meant."""
    text = text.strip()
    return int(text) if len(text) <= limits().number_characters and _COUNT.fullmatch(text) else None


def read_number(text: str) -> Fraction | None:
    """An exact number from 0, `24`, `23.976` or `24000/1001`; None where the text is none, or too long."""
    text = text.strip()
    if len(text) > limits().number_characters or not _NUMBER.fullmatch(text):
        return None
    try:
        return Fraction(text)
    except ZeroDivisionError:
        return None


def shortened(text: str) -> str:
    """A text as a sentence may quote it: its beginning, where it is very long."""
    most = limits().number_characters
    return text if len(text) <= most else f"{text[:most]}..."
