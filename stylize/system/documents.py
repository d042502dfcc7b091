"""Settings, lists, records and manifests as they come: read whole, within bounds, or refused with the reason.

Every such file is read here, so that whatever stands in one (nesting without end, bytes that are no text, a pipe
that never ends) becomes a reason that its reader puts into a sentence.
"""

from __future__ import annotations

import json
import stat
import tomllib
from pathlib import Path
from typing import Any

from stylize.system.limits import limits


class DocumentError(Exception):
    """A document that cannot be read. Its text completes a sentence: "The scene file" `is not TOML: ...`.

    `missing` says that there is no such file.
    """

    def __init__(self, why: str, *, missing: bool = False) -> None:
        super().__init__(why)
        self.missing = missing


def read_bytes(file: Any, most: int | None = None) -> bytes:
    """The contents of a regular file: a `Path`, or a place in object storage that has the same manners.

    Args:
        most: bytes; by default the limit of documents.

    Raises:
        DocumentError: it is missing, refused, no regular file, or too large.
    """
    most = limits().document_bytes if most is None else most
    try:
        if isinstance(file, Path) and not stat.S_ISREG(file.stat().st_mode):
            raise DocumentError("is not a regular file")
        with file.open("rb") as opened:
            data: bytes = opened.read(most + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DocumentError("cannot be read: there is no such file", missing=True) from error
    except (OSError, ValueError) as error:  # a name with a null byte is a ValueError
        raise DocumentError(f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(data) > most:
        raise DocumentError(f"is larger than {most >> 20} MiB")
    return data


def read_text(file: Any) -> str:
    """A file as UTF-8 text, with or without a byte order mark.

    Raises:
        DocumentError: as `read_bytes`, or it is no text.
    """
    try:
        return read_bytes(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(f"cannot be read as text: {error}") from error


def read_json(file: Any) -> Any:
    """What a JSON file holds.

    Raises:
        DocumentError: as `read_text`, or it is no JSON.
    """
    try:
        return json.loads(read_text(file))
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"is not JSON: {_reason(error)}") from error


def read_toml(file: Any) -> dict[str, Any]:
    """What a TOML file holds.

    Raises:
        DocumentError: as `read_text`, or it is no TOML.
    """
    text = read_text(file)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"is not TOML: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error).rstrip(".")
