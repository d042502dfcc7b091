"""The header of a .safetensors file: names, shapes and remarks, without the weights."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path

from stylize.errors import ModelError

LONGEST = 100_000_000


@dataclass(frozen=True)
class Header:
    """Shapes and dtypes ('F16', 'BF16', 'F8_E4M3', ...) by name, and the metadata."""

    shapes: dict[str, tuple[int, ...]]
    dtypes: dict[str, str]
    metadata: dict[str, str]


def read_header(file: Path) -> Header:
    """Reads the header alone.

    Raises:
        ModelError: the file cannot be read, or is no .safetensors file.

    Source: the safetensors format: eight bytes of length, little-endian, then JSON.
    """
    try:
        with file.open("rb") as opened:
            start = opened.read(8)
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
            if not 2 <= length <= min(LONGEST, file.stat().st_size):
                raise ValueError("it is a pointer: run git lfs pull" if start == b"version " else "no header")
            table = json.loads(opened.read(length))
        entries = {name: entry for name, entry in table.items() if name != "__metadata__"}
        return Header(
            {name: tuple(entry["shape"]) for name, entry in entries.items()},
            {name: str(entry["dtype"]) for name, entry in entries.items()},
            dict(table.get("__metadata__") or {}),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(f"This file is no .safetensors file, or is damaged: {error}.", where=file) from error
