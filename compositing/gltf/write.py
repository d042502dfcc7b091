"""Writes a .glb: one file with the document and its numbers."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compositing.gltf.document import BINARY_CHUNK, JSON_CHUNK, MAGIC

Array = NDArray[Any]


def write_glb(path: Path, table: dict[str, Any], arrays: list[Array]) -> None:
    """Writes a .glb: `arrays` become accessors 0, 1, 2 ... in order; the rest of the document is `table`.

    Args:
        arrays: float32 or uint16/uint32, (count,) or (count, width).
    """
    names = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}
    codes = {"float32": 5126, "uint16": 5123, "uint32": 5125}
    views, accessors, data = [], [], b""
    for array in arrays:
        flat = np.ascontiguousarray(array).reshape(len(array), -1)
        data += b"\0" * (-len(data) % 4)
        views.append({"buffer": 0, "byteOffset": len(data), "byteLength": flat.nbytes})
        accessor = {
            "bufferView": len(views) - 1,
            "componentType": codes[str(flat.dtype)],
            "count": len(flat),
            "type": names[flat.shape[1]],
        }
        if flat.dtype == np.float32 and len(flat):
            accessor |= {"min": flat.min(axis=0).tolist(), "max": flat.max(axis=0).tolist()}
        accessors.append(accessor)
        data += flat.tobytes()
    data += b"\0" * (-len(data) % 4)
    whole = {"asset": {"version": "2.0", "generator": "compositing"}} | table
    if arrays:
        whole |= {"buffers": [{"byteLength": len(data)}], "bufferViews": views, "accessors": accessors}
    text = json.dumps(whole, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    parts = struct.pack("<II", len(text), JSON_CHUNK) + text
    if arrays:
        parts += struct.pack("<II", len(data), BINARY_CHUNK) + data
    path.write_bytes(struct.pack("<III", MAGIC, 2, 12 + len(parts)) + parts)
