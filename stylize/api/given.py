"""Settings as Python programs give them: by name, or as a whole."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from stylize.config.explain import explain
from stylize.config.settings import RunSettings
from stylize.errors import UsageError


def settings_given(settings: RunSettings | None, named: dict[str, Any]) -> RunSettings:
    """The settings given as a whole, with those given by name in place of theirs.

    Raises:
        UsageError: a name that no setting has, or a value that it cannot have.
    """
    whole = {} if settings is None else {name: getattr(settings, name) for name in settings.model_fields_set}
    try:
        return RunSettings(**{**whole, **named})
    except ValidationError as error:
        raise UsageError(explain(error), hint="see: stylize.RunSettings.model_fields") from error
