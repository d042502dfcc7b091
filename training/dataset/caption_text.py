"""Captions in the encodings that people's editors write."""

from __future__ import annotations

import codecs
import unicodedata
from pathlib import Path

from stylize.errors import UsageError

LARGEST_BYTES = 1 << 20
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte-order marks, the longer ones first: UTF-16's begins UTF-32's."""


def read_caption(path: Path) -> str:
    """A caption's words, a space between them.

    A byte-order mark names the encoding. Without one the text is UTF-8; else UTF-16 where every other byte is zero;
    else Shift-JIS where that gives Japanese; else Windows' Latin.

    Raises:
        UsageError: it is no text, or longer than a megabyte.
    """
    if path.stat().st_size > LARGEST_BYTES:
        raise UsageError("This caption is longer than a megabyte.", where=path)
    text = decode_text(path.read_bytes())
    if text is None:
        raise UsageError("This caption is no text.", where=path, hint="save it as UTF-8")
    return " ".join(text.split())


def decode_text(data: bytes) -> str | None:
    """Text in whichever encoding it is; None where it is none."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding)
    if b"\0" in data:
        halves = [sum(data[first::2]) for first in (0, 1)]
        return _decoded(data, "utf-16-be" if halves[0] < halves[1] else "utf-16-le")
    text = _decoded(data, "utf-8")
    if text is not None:
        return text
    japanese = _decoded(data, "cp932")
    if japanese is not None and _is_japanese(japanese):
        return japanese
    return _decoded(data, "cp1252")


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if any(unicodedata.category(each) == "Cc" and not each.isspace() for each in text) else text


def _is_japanese(text: str) -> bool:
    """Whether most of what is not ASCII is kana or kanji, with some kana. Half-width kana do not count: Latin text
    that is read as Shift-JIS is full of them."""
    foreign = [each for each in text if ord(each) > 127]
    kana = sum("\u3040" <= each <= "\u30ff" for each in foreign)
    kanji = sum("\u4e00" <= each <= "\u9fff" for each in foreign)
    return kana > 0 and kana + kanji > len(foreign) / 2
