"""What was found out about files' contents, kept in the user's cache: looked for once, and not at every command."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from stylize.errors import CannotWrite
from stylize.storage.atomic import atomic_write
from stylize.storage.fingerprint import fingerprint
from stylize.storage.user_cache import make_room, user_cache_folder
from stylize.system.documents import DocumentError, read_json

KEPT_BYTES = 64 << 20
"""Of all findings. Those that were not used for the longest time make room."""

Found = TypeVar("Found")


def kept_finding(
    facts: object, find: Callable[[], Found], write: Callable[[Found], Any], read: Callable[[Any], Found]
) -> Found:
    """What `find` gives, out of the user's cache where it was found before.

    A cache that cannot be read or written costs the time of finding, and nothing else.

    Args:
        facts: all that decides the finding: what stands for the contents, the settings, the code and its versions.
        find: looks; what it raises is raised.
        write: the finding as JSON can hold it.
        read: the finding out of that; raises ValueError, TypeError, KeyError or IndexError where it is none.
    """
    file = user_cache_folder() / "findings" / f"{fingerprint(facts)}.json"
    with suppress(DocumentError, OSError, ValueError, TypeError, KeyError, IndexError):
        found = read(read_json(file))
        with suppress(OSError):
            file.touch()
        return found
    found = find()
    with suppress(CannotWrite):
        atomic_write(file, json.dumps(write(found), separators=(",", ":")).encode())
        make_room(file, KEPT_BYTES)
    return found
