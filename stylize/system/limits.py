"""How large a stranger's file may be, and how long a program may take: every limit, in one place.

They are far above what footage needs, and far below what makes a machine stand still. Each can be set by a variable
of the environment: STYLIZE_LIMIT_PICTURE_PIXELS and so on.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from functools import cache

from stylize.errors import UsageError

PREFIX = "STYLIZE_LIMIT_"


@dataclass(frozen=True)
class Limits:
    """The limits.

    Attributes:
        picture_pixels: of a frame or a picture: 16384 x 16384.
        picture_bytes: of a picture's file.
        document_bytes: of settings, styles, scenes, lists of jobs and shots, records and manifests.
        number_characters: of a number that somebody typed.
        frames: of a clip, a range or a sequence: 38 hours at 120 frames a second.
        answer_s: for which a program may be asked for its version or its facts, seconds.
    """

    picture_pixels: int = 1 << 28
    picture_bytes: int = 4 << 30
    document_bytes: int = 256 << 20
    number_characters: int = 40
    frames: int = 1 << 24
    answer_s: int = 20


@cache
def limits() -> Limits:
    """The limits of this process.

    Raises:
        UsageError: a variable names no limit, or holds no whole number above 0.
    """
    known = {PREFIX + each.name.upper(): each.name for each in fields(Limits)}
    given = {variable: text for variable, text in os.environ.items() if variable.startswith(PREFIX) and text}
    for variable, text in given.items():
        if variable not in known:
            raise UsageError("There is no such limit.", where=variable, hint=f"there are {', '.join(known)}")
        if not _is_count(text):
            raise UsageError(
                f"A limit cannot be {text[:40]!r}.", where=variable, hint="give a whole number above 0"
            )
    return Limits(**{known[variable]: int(text) for variable, text in given.items()})


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18 and int(text) > 0
