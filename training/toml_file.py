"""Reads a recipe's TOML file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stylize.errors import UsageError
from stylize.system.documents import DocumentError, read_toml


def read_recipe_table(path: Path) -> dict[str, Any]:
    """The keys and values of a recipe.

    Raises:
        UsageError: the file cannot be read, or is not TOML.
    """
    try:
        return read_toml(path)
    except DocumentError as error:
        raise UsageError(f"This recipe {error}.", where=path) from error
