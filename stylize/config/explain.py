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
    errors = error.errors()
    worst = min(errors, key=lambda each: each["type"] != "extra_forbidden")
    words = next((each["loc"] for each in errors if _is_of_words(each) and _share(each, worst)), None)
    return worst if words is None else _of_choice(errors, words[:-1])


def _of_choice(errors: list[ErrorDetails], place: tuple[int | str, ...]) -> ErrorDetails:
    """The error of a setting that is one of some words, or something else: a number, or a table. Pydantic says for
    each of these why it is not that, and calls it by a name of its own, which follows the setting's.

    Args:
        place: the setting's name.
    """
    inside = [each for each in errors if each["loc"][: len(place)] == place]
    depth = max(len(each["loc"]) for each in inside)
    first, *others = [each for each in inside if len(each["loc"]) == depth]
    if depth == len(place) + 1:  # it is none of them
        says = [first["msg"], *(each["msg"].removeprefix("Input should be ") for each in others)]
        return {**first, "loc": place, "msg": ", or ".join(says)}
    worst = min([first, *others], key=lambda each: each["type"] != "extra_forbidden")
    return {**worst, "loc": (*place, *worst["loc"][len(place) + 1 :])}


def _is_of_words(error: ErrorDetails) -> bool:
    return bool(error["loc"]) and str(error["loc"][-1]).startswith("literal[")


def _share(one: ErrorDetails, other: ErrorDetails) -> bool:
    """Whether an error of a choice is about the setting that another is about."""
    place = one["loc"][:-1]
    return other["loc"][: len(place)] == place


def name_of(error: ErrorDetails) -> str:
    """The setting that an error is about, with dots between a table and its key; empty if it is about several."""
    return ".".join(str(part) for part in error["loc"])
