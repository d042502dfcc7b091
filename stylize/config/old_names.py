"""Names that have changed: the old ones are still understood, and each is pointed out once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from typing import Any

_log = logging.getLogger(__name__)


@cache
def warn_renamed(old: str, new: str) -> None:
    """Logs a warning that `old` is called `new` now, once per process."""
    _log.warning("%s is called %s now; the old name still works.", old, new)


def with_new_names(table: Mapping[str, Any], renamed: Mapping[str, str]) -> dict[str, Any]:
    """A table of settings with the old names of its keys replaced by the new ones.

    Where both are given, the value under the new name counts.

    Args:
        renamed: the new name of every old one.
    """
    current = {key: value for key, value in table.items() if key not in renamed}
    for old, new in renamed.items():
        if old in table:
            warn_renamed(repr(old), repr(new))
            current.setdefault(new, table[old])
    return current
