"""The one check of what a command writes against what it reads, by the values of its options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

WRITTEN = ("out", "matte_out", "compare", "foreground", "log_file")
"""Options that name files to write; everything else that names a file is read."""


def check_given(given: Mapping[str, Any]) -> None:
    """Refuses a command line that would write over what it reads, whichever command it is.

    Args:
        given: the values of all options and arguments, by their parameters' names.

    Raises:
        UsageError: it would.
    """
    outputs = [Path(given[name]) for name in WRITTEN if given.get(name)]
    files = [path for path in outputs if not path.is_dir()]
    if files:
        from stylize.footage.outputs import check_outputs

        read = [path for name, value in given.items() if name not in WRITTEN for path in _paths(value)]
        check_outputs(files, read)


def _paths(value: object) -> Iterator[Path]:
    if isinstance(value, Path):
        yield value
    elif isinstance(value, str) and value and "\0" not in value and len(value) < 4096 and "\n" not in value:
        yield Path(value)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _paths(each)
