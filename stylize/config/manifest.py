"""Manifests: what states the files of a model and how it draws, in a format that has a version."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from stylize.config.explain import explain, quoted
from stylize.errors import ModelError

M = TypeVar("M", bound=BaseModel)


def parse_manifest(
    table: object, kind: type[M], version: int, where: Path | str, *, thing: str, hint: str
) -> M:
    """The manifest in what was read from a JSON file.

    Args:
        version: of the format; any other is refused.
        where: the file, for the messages.
        thing: what has the manifest, for the messages: "export".
        hint: what to do about one that cannot be used.

    Raises:
        ModelError: it is not valid, or of another format.
    """
    if isinstance(table, dict) and table.get("format") != version:
        raise ModelError(
            f"This {thing} is of format {quoted(table.get('format'))}, and only {version} is read here.",
            where=where,
            hint=hint,
        )
    try:
        return kind.model_validate(table)
    except ValidationError as error:
        raise ModelError(f"This manifest is not valid: {explain(error)}", where=where, hint=hint) from error
