"""Outputs that would replace what is read, or each other: refused for every command, before anything is written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from stylize.errors import UsageError
from stylize.footage.sequence import Pattern


def check_outputs(outputs: Sequence[Path], inputs: Iterable[Path] = ()) -> None:
    """Refuses outputs of which one is another, or is a file that is read.

    Args:
        outputs: files, or patterns of sequences.
        inputs: what is read: files, patterns, or names that are no files, which count as none.

    Raises:
        UsageError: see above.
    """
    for place, output in enumerate(outputs):
        if any(is_same(output, other) for other in outputs[:place]):
            raise UsageError(
                "Two outputs have the same name.", where=output, hint="Choose another for one of them."
            )
    for read in inputs:
        for output in outputs:
            if is_same(output, read):
                raise UsageError(
                    "The output is one of the files that are read.", where=output, hint="Choose another name."
                )


def refuse_folder(output: Path) -> None:
    """Raises UsageError: a file is to be written, and the output is a folder."""
    if output.is_dir():
        raise UsageError(
            "The output is a folder.", where=output, hint=f"Name a file in it: {output}/film.mp4"
        )


def is_same(one: Path, other: Path) -> bool:
    """Whether two names mean one file, by whatever way; a pattern means every file that it matches."""
    one, other = one.absolute(), other.absolute()
    first, second = _pattern(one), _pattern(other)
    if one == other or _matches(first, other) or _matches(second, one):
        return True
    if first is not None and second is not None:
        return first.path == second.path
    try:
        return one.samefile(other)
    except (OSError, ValueError):  # one of them is not there
        return real_path(one) == real_path(other)


def real_path(path: Path) -> Path:
    """The path without links; of links that lead in a circle, the path up to there."""
    return Path(os.path.realpath(path))


def _pattern(path: Path) -> Pattern | None:
    try:
        return None if path.exists() else Pattern.parse(path)
    except (UsageError, OSError, ValueError):  # no pattern that could be meant, or no name
        return None


def _matches(found: Pattern | None, file: Path) -> bool:
    if found is None or real_path(found.folder) != real_path(file.parent):
        return False
    digits = file.name.removeprefix(found.before).removesuffix(found.after)
    framed = file.name == f"{found.before}{digits}{found.after}"
    return framed and digits.isascii() and digits.isdigit() and len(digits) >= found.digits
