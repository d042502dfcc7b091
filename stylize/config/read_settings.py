"""The settings of a run from everywhere: flag > STYLIZE_* > stylize.toml > the user's stylize.toml > default."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args, get_origin

import platformdirs
from pydantic import ValidationError

from stylize.config.explain import explain, name_of, worst_of
from stylize.config.old_names import warn_renamed, with_new_names
from stylize.config.settings import RunSettings
from stylize.errors import UsageError
from stylize.system.documents import DocumentError, read_toml

PROJECT_FILE = Path("stylize.toml")
"""The settings of a project, in the folder where the command is given."""
PREFIX = "STYLIZE_"
OLD_NAMES = {"steady": "deflicker"}
"""Former names of settings, and their names now."""


def user_file() -> Path:
    """The settings of this user for all projects."""
    return Path(platformdirs.user_config_dir("stylize")) / "stylize.toml"


def read_settings(**flags: Any) -> RunSettings:
    """The settings of a run, from flags and from everything that they come before.

    Args:
        flags: settings by name; None means not given.

    Raises:
        UsageError: a file or variable cannot be read, has a value that a setting cannot have, or names a setting
            that does not exist.
    """
    return settings_of({}, None, flags)


def settings_of(table: Mapping[str, Any], where: Path | None, flags: Mapping[str, Any]) -> RunSettings:
    """As `read_settings`, with a table of a file that comes before all but the flags: a job of a list.

    Raises:
        UsageError: as `read_settings`.
    """
    values: dict[str, Any] = {}
    origins: dict[str, _Layer] = {}
    for layer in (
        _read_file(user_file()),
        replace(_read_file(PROJECT_FILE), is_own=False),
        *_read_environment(),
        replace(_given(table), where=where, is_own=False),
        _given(flags),
    ):
        values.update(layer.table)
        origins.update(dict.fromkeys(layer.table, layer))
    try:
        settings = RunSettings(**values)
        settings._from_files = frozenset(name for name, layer in origins.items() if not layer.is_own)
        return settings
    except ValidationError as error:
        name, _, _ = name_of(worst_of(error)).partition(".")
        raise UsageError(
            explain(error),
            where=origins[name].where if name in origins else None,
            hint="settings come from flags, STYLIZE_* variables, stylize.toml and the user file",
        ) from error


@dataclass(frozen=True)
class _Layer:
    """Settings by name, and where they were given."""

    table: Mapping[str, Any]
    where: str | Path | None = None
    is_own: bool = True
    """Given by the user: by flags, variables or their own file."""


def _given(flags: Mapping[str, Any]) -> _Layer:
    given = {name: value for name, value in flags.items() if value is not None}
    return _Layer(with_new_names(given, OLD_NAMES))


def _read_file(file: Path) -> _Layer:
    try:
        table = read_toml(file)
    except DocumentError as error:
        if error.missing:
            return _Layer({})
        raise UsageError(f"A settings file {error}.", where=file) from error
    return _Layer(with_new_names(table, OLD_NAMES), file)


def _read_environment() -> Iterator[_Layer]:
    """A layer for every variable that is set and not empty."""
    for name in [*OLD_NAMES, *RunSettings.model_fields]:  # where both are set, the new name counts
        variable, current = PREFIX + name.upper(), OLD_NAMES.get(name, name)
        text = os.environ.get(variable)
        if not text:
            continue
        if current != name:
            warn_renamed(variable, PREFIX + current.upper())
        yield _Layer({current: _parse(text, current, variable)}, variable)


def _parse(text: str, name: str, variable: str) -> Any:
    """The value of a variable: the model reads numbers and words from text, but not lists."""
    if not _is_list(RunSettings.model_fields[name].annotation):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"A STYLIZE_* variable cannot be read: {error}.", where=variable, hint="lists are written as JSON"
        ) from error


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is tuple or any(_is_list(each) for each in get_args(annotation))
