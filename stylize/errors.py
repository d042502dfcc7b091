"""The exceptions that reach a user.

    StylizeError            what went wrong, where, and what to do about it
    ├── UsageError          a flag, a setting, a style or a path that cannot be meant   exit 2
    ├── FootageError        a clip that cannot be read, or holds nothing to draw        exit 1
    ├── OutputError         a film or a frame that cannot be written                    exit 1
    ├── ModelError          a checkpoint, ControlNet or LoRA that does not fit          exit 1
    ├── MissingPart         a package, a program or weights this machine lacks          exit 1
    └── Interrupted         stopped by the user; the run can be resumed                 exit 130

Library code raises these; only `stylize.cli` prints them and exits.
"""

from __future__ import annotations

from pathlib import Path


class StylizeError(Exception):
    """One clear sentence, where it happened, and a hint.

    Args:
        what: the sentence, in the user's terms, with a full stop.
        where: the file, frame or setting concerned.
        hint: what the user can do next.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str | Path | None = None, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = str(where) if where is not None else None
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


class UsageError(StylizeError):
    exit_code = 2


class FootageError(StylizeError):
    pass


class OutputError(StylizeError):
    pass


class ModelError(StylizeError):
    pass


class MissingPart(StylizeError):
    pass


class Interrupted(StylizeError):
    exit_code = 130
