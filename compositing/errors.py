"""The errors that a user can cause and mend.

    CompositingError           what went wrong, and what to do about it
    ├── InvalidSetting         a value, a name or a table that cannot be meant
    ├── SizeMismatch           pictures of different sizes that belong to one frame
    ├── UnreadableFile         a camera file or a glTF file that is broken, or holds something else
    ├── InvalidCamera          numbers that no camera can have, or in another unit than they say
    ├── NoScreen               footage without a screen of the colour asked for
    ├── CannotSolve            a shot that does not show how its camera moved
    ├── UnusableBackdrop       a backdrop that the shot's camera cannot be given
    └── MissingPackage         an optional package, or a library of the system, that is not installed

Arrays of a wrong kind are a caller's mistake, not a user's: they raise `ValueError`.
"""

from __future__ import annotations

import struct


class CompositingError(Exception):
    """One sentence that says what went wrong, and a hint.

    Args:
        what: the sentence, in the user's terms, with a capital letter and a full stop.
        hint: what the user can do about it, without either; None where the sentence says it all.
    """

    def __init__(self, what: str, hint: str | None = None) -> None:
        super().__init__(what, hint)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return self.what if self.hint is None else f"{self.what} ({self.hint})"


class InvalidSetting(CompositingError):
    """A value, a name or a table of settings that cannot be meant."""


class SizeMismatch(CompositingError):
    """Pictures of different sizes that belong to one frame."""


class UnreadableFile(CompositingError):
    """A camera file or a glTF file that is broken, or holds something else."""


class InvalidCamera(CompositingError):
    """Numbers that no camera can have, or that are in another unit than they say."""


class NoScreen(CompositingError):
    """Footage without a screen of the colour asked for."""


class CannotSolve(CompositingError):
    """A shot that does not show how its camera moved."""


class UnusableBackdrop(CompositingError):
    """A backdrop that the shot's camera cannot be given."""


class MissingPackage(CompositingError):
    """An optional package, or a library of the system, that is not installed.

    `extra` names the optional dependencies of the distribution that have it, if any do.
    """

    def __init__(self, what: str, hint: str | None = None, extra: str | None = None) -> None:
        super().__init__(what, hint)
        self.extra = extra


BROKEN = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)
"""What Python raises while a broken file is read: its reader catches these, once, around the whole of it."""


def missing_camera_package(what: str) -> MissingPackage:
    """The error where a package of the extra `camera` is missing: `what` needs it and says so."""
    return MissingPackage(what, hint="pip install 'stylize[camera]'", extra="camera")


def sizes(*shapes: tuple[int, ...]) -> list[str]:
    """Shapes of arrays, (height, width, ...), as `width x height` for a sentence."""
    return [f"{shape[1]}x{shape[0]}" for shape in shapes]
