"""Reads a recipe's TOML file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from stylize.errors import UsageError


def read_recipe_table(path: Path) -> dict[str, Any]:
    """The keys and values of a recipe.

    Raises:
        UsageError: the file cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("This recipe cannot be read.", where=path, hint=str(error)) from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"This recipe is not TOML: {error}.", where=path) from error
