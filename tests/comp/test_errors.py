"""Compositing's errors reach the user as ours."""

from __future__ import annotations

import pytest

from compositing.errors import (
    CannotSolve,
    CompositingError,
    InvalidSetting,
    MissingPackage,
    NoScreen,
    UnreadableFile,
)
from stylize.comp.errors import compositing_errors
from stylize.errors import FootageError, MissingPart, StylizeError, UsageError


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (InvalidSetting, UsageError),
        (MissingPackage, MissingPart),
        (NoScreen, FootageError),
        (CannotSolve, FootageError),
        (UnreadableFile, FootageError),
    ],
)
def test_sentence_and_hint_are_kept(theirs: type[CompositingError], ours: type[StylizeError]) -> None:
    with pytest.raises(ours) as raised, compositing_errors("shot.mov"):
        raise theirs("It is so.", hint="do this")
    assert (raised.value.what, raised.value.where, raised.value.hint) == ("It is so.", "shot.mov", "do this")
    assert isinstance(raised.value.__cause__, theirs)


def test_other_errors_pass() -> None:
    with pytest.raises(ValueError, match="mistake"), compositing_errors("shot.mov"):
        raise ValueError("a mistake of ours")
