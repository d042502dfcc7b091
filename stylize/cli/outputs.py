"""The one check of what a command writes against what it reads, by the values of its options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from stylize.errors import UsageError

WRITTEN = ("out", "matte_out", "compare", "foreground", "log_file")
"""Options that name files to write; everything else that names a file is read."""


def check_given(given: Mapping[str, Any], words: Sequence[str] = ()) -> None:
    """Refuses a command line that would write over what it reads, or gives a file an empty name, for every command.

    Args:
        given: the values of all options and arguments, by their parameters' names.
        words: the command line.

    Raises:
        UsageError: it would.
    """
    _refuse_empty_names(given, words)
    outputs = [Path(given[name]) for name in WRITTEN if given.get(name)]
    files = [path for path in outputs if not path.is_dir()]
    if files:
        from stylize.footage.outputs import check_outputs

        read = [path for name, value in given.items() if name not in WRITTEN for path in _paths(value)]
        check_outputs(files, read)


def _refuse_empty_names(given: Mapping[str, Any], words: Sequence[str]) -> None:
    """An empty word would be taken for the current folder; most often a variable of the shell holds nothing."""
    is_here = any(word and Path(word) == Path() for word in words)
    if is_here or not any(word == "" or (word.startswith("--") and word.endswith("=")) for word in words):
        return
    for name, value in given.items():
        paths = value if isinstance(value, list | tuple) else [value]
        if any(isinstance(path, Path) and path == Path() for path in paths):
            raise UsageError(
                "A file's name is empty.", where=name.upper(), hint="is a variable of the shell not set?"
            )


def _paths(value: object) -> Iterator[Path]:
    if isinstance(value, Path):
        yield value
    elif isinstance(value, str) and value and "\0" not in value and len(value) < 4096 and "\n" not in value:
        yield Path(value)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _paths(each)
