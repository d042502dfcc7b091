"""Compositing's errors as our own: the one place where the one becomes the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from compositing.errors import CompositingError, InvalidSetting, MissingPackage
from stylize.errors import FootageError, MissingPart, StylizeError, UsageError
from stylize.system.dependencies import install_hint


@contextmanager
def compositing_errors(where: object) -> Iterator[None]:
    """Raises what `compositing` raises inside the block as an error of ours, with its sentence and its hint.

    Args:
        where: the file, setting or flag that the block is about; None where the sentence names it.

    Raises:
        UsageError: a setting that cannot be meant.
        MissingPart: a package or a library is not installed.
        FootageError: everything else: footage, a file or a camera that cannot be used so.
    """
    try:
        yield
    except CompositingError as error:
        raise as_stylize_error(error, where) from error


def as_stylize_error(error: CompositingError, where: object) -> StylizeError:
    kind: type[StylizeError] = FootageError
    hint = error.hint
    if isinstance(error, InvalidSetting):
        kind = UsageError
    elif isinstance(error, MissingPackage):
        kind = MissingPart
        hint = install_hint(error.extra) if error.extra else error.hint
    return kind(error.what, where=where, hint=hint)
