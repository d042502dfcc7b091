"""A validation error of pydantic's as one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails


MOST_QUOTED = 80
"""Characters of a name or a value that a sentence quotes."""


def explain(error: ValidationError) -> str:
    """What is wrong with a table, in one sentence."""
    first = worst_of(error)
    key, says = name_of(first), first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        return f"There is no setting called {quoted(key)}."
    if first["type"] == "missing":
        return f"The setting {quoted(key)} is missing."
    if not key:  # settings that do not go together
        return f"{says.capitalize()}."
    return f"The setting {quoted(key)} cannot be {quoted(first['input'])}: {says.lower()}."


def quoted(value: object) -> str:
    """The beginning of a value that may be of any length."""
    text = repr(value)
    return text if len(text) <= MOST_QUOTED else f"{text[:MOST_QUOTED]}..."


def worst_of(error: ValidationError) -> ErrorDetails:
    """The error to report of several: a misspelt key first, since it is why another key is missing."""
    return min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")


def name_of(error: ErrorDetails) -> str:
    """The setting that an error is about, with dots between a table and its key; empty if it is about several."""
    return ".".join(str(part) for part in error["loc"])
