"""The flags of a command line, read as settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from stylize.errors import UsageError

if TYPE_CHECKING:
    from stylize.config.settings import RunSettings

RENAMED = {"control": "controls", "lora": "loras", "styles_dir": "styles_dirs"}
"""Flags given several times, and the settings that hold them all."""
_NOTHING = ["none"]


def settings_from(params: dict[str, Any]) -> RunSettings:
    """The settings of a run, from a command's parameters by name; those that are no settings are left out.

    Raises:
        UsageError: a value that cannot be meant.
    """
    from stylize.config.settings import read_settings

    return read_settings(**given_flags(params))


def given_flags(params: dict[str, Any]) -> dict[str, Any]:
    """The settings that a command line gives, by their names.

    Raises:
        UsageError: a value that cannot be meant.
    """
    from stylize.config.settings import RunSettings

    flags = {RENAMED.get(name, name): value for name, value in params.items()}
    given = {
        name: value for name, value in flags.items() if name in RunSettings.model_fields and value is not None
    }
    for name in RENAMED.values():  # a flag that may be repeated and was not given arrives as an empty list
        if not given.get(name):
            given.pop(name, None)
    if "controls" in given:
        controls = _weighted(given["controls"], "condition", "--control")
        given["controls"] = tuple(_with_model(table) for table in controls)
    if "loras" in given:
        given["loras"] = _weighted(given["loras"], "file", "--lora")
    if "styles_dirs" in given:
        given["styles_dirs"] = tuple(Path(folder) for folder in given["styles_dirs"])
    return given


def _weighted(words: list[str], noun: str, flag: str) -> tuple[dict[str, Any], ...]:
    """`NAME[:WEIGHT]`, each as a table; the single word `none` stands for an empty list."""
    if words == _NOTHING:
        return ()
    tables: list[dict[str, Any]] = []
    for word in words:
        name, weight = _split_weight(word)
        if not name or name == "none":
            raise UsageError(
                f"{flag} {word!r} names nothing to use.",
                hint=f"write {flag} NAME or {flag} NAME:0.8; {flag} none stands alone",
            )
        tables.append({noun: name} if weight is None else {noun: name, "weight": weight})
    return tuple(tables)


def _with_model(table: dict[str, Any]) -> dict[str, Any]:
    """`tile@owner/name` asks for that ControlNet in place of the one that comes with the checkpoint."""
    condition, at, model = table["condition"].partition("@")
    return {**table, "condition": condition, "model": model} if at else table


def _split_weight(word: str) -> tuple[str, float | None]:
    """A colon followed by a number begins a weight; any other belongs to the name (`C:\\inks.safetensors`)."""
    name, colon, tail = word.rpartition(":")
    if not colon:
        return word, None
    try:
        return name, float(tail)
    except ValueError:
        return word, None
