"""The exceptions that reach a user.

    StylizeError            what went wrong, where, and what to do about it
    ├── UsageError          a flag, a setting, a style or a path that cannot be meant   exit 2
    ├── FootageError        a clip that cannot be read, or holds nothing to draw        exit 1
    ├── OutputError         a film or a frame that cannot be written                    exit 1
    │   ├── CannotWrite     ... for the disk is full or the folder refuses                 exit 1
    │   └── BrokenFrame     a kept frame is missing or not what was written                exit 1
    ├── ModelError          a checkpoint, ControlNet or LoRA that does not fit          exit 1
    ├── MissingPart         a package, a program or weights this machine lacks          exit 1
    ├── VersionMismatch     a worker is not of the version that planned the job         exit 1
    ├── NotReady            a pass is asked for before those that it reads              exit 1
    └── Interrupted         stopped by the user; the run can be resumed                 exit 130

Library code raises these; only `stylize.cli` prints them and exits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class StylizeError(Exception):
    """One clear sentence, where it happened, and a hint.

    Args:
        what: the sentence, in the user's terms, with a full stop.
        where: the file, frame or setting concerned.
        hint: what the user can do next.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: object = None, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = str(where) if where is not None else None
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        return _revive, (type(self), self.what, self.where, self.hint)

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


def _revive(kind: type[StylizeError], what: str, where: str | None, hint: str | None) -> StylizeError:
    """An error that another process raised."""
    return kind(what, where=where, hint=hint)


class UsageError(StylizeError):
    exit_code = 2


class FootageError(StylizeError):
    pass


class OutputError(StylizeError):
    pass


class CannotWrite(OutputError):
    """Nothing can be written there: not this frame, and not the next one."""


class BrokenFrame(OutputError):
    """A kept frame is missing, or is not what was written. It is no longer in the store: it can be made again."""

    def __init__(self, where: str) -> None:
        super().__init__("This frame is missing or broken.", where=where, hint="run again to mend it")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.where,)


class ModelError(StylizeError):
    pass


class MissingPart(StylizeError):
    pass


class VersionMismatch(StylizeError):
    pass


class NotReady(StylizeError):
    """Frames of `needed` are missing, of which `asked` is made."""

    def __init__(self, asked: str, needed: str, frames: Sequence[int]) -> None:
        some = ", ".join(str(number) for number in frames[:8]) + (", ..." if len(frames) > 8 else "")
        super().__init__(
            f"{len(frames)} frame{'s' * (len(frames) > 1)} of {needed} that {asked} is made from "
            f"{'are' if len(frames) > 1 else 'is'} missing: {some}.",
            hint=f"make them first: stylize worker {needed} FRAMES RUN",
        )
        self.asked, self.needed, self.frames = asked, needed, tuple(frames)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.asked, self.needed, self.frames)


class Interrupted(StylizeError):
    exit_code = 130
