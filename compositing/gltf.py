"""glTF 2.0 documents (Khronos 2021): chunks, buffers, accessors and nodes, in and out.

Read and written here because the libraries at hand drop what matters: all cameras but the first, and their motion.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from compositing.camera.turns import from_quaternion

Array = NDArray[Any]

MAGIC, JSON_CHUNK, BINARY_CHUNK = 0x46546C67, 0x4E4F534A, 0x004E4942
COMPONENTS = {5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
BROKEN = "export the file again, and check it with Khronos's glTF validator"


@dataclass(frozen=True)
class Document:
    """A file, its buffers at hand."""

    table: dict[str, Any]
    buffers: list[bytes]
    folder: Path

    def list(self, name: str) -> list[dict[str, Any]]:
        return list(self.table.get(name, []))

    def accessor(self, number: int) -> Array:
        """An accessor's values, (count, width), integers as they are unless they stand for fractions."""
        try:
            accessor = self.list("accessors")[number]
            kind, width = COMPONENTS[accessor["componentType"]], WIDTHS[accessor["type"]]
            count = int(accessor["count"])
            if "sparse" in accessor:
                raise ValueError(
                    "the glTF file has sparse accessors, which are not read: export it without them"
                )
            if "bufferView" not in accessor:
                return np.zeros((count, width), kind)
            view = self.list("bufferViews")[accessor["bufferView"]]
            start = int(view.get("byteOffset", 0)) + int(accessor.get("byteOffset", 0))
            item = np.dtype(kind).itemsize * width
            step = int(view.get("byteStride", item))
            data = self.buffers[view["buffer"]]
            if count and start + (count - 1) * step + item > len(data):
                raise ValueError(f"the glTF file is broken, its data end early: {BROKEN}")
            flat = np.ndarray((count, width), kind, data, start, (step, np.dtype(kind).itemsize)).copy()
        except (KeyError, IndexError, TypeError) as error:
            raise ValueError(
                f"the glTF file is broken ({type(error).__name__} in an accessor): {BROKEN}"
            ) from error
        if accessor.get("normalized") and flat.dtype.kind in "iu":
            flat = np.maximum(flat.astype(np.float32) / np.iinfo(flat.dtype).max, -1)
        return flat

    def nodes(self) -> Iterator[tuple[dict[str, Any], Array, int]]:
        """Every node of the default scene with its world matrix (4, 4) and number, parents first."""
        scenes = self.list("scenes")
        if scenes:
            roots = scenes[int(self.table.get("scene", 0))].get("nodes", [])
        else:
            children = {child for node in self.list("nodes") for child in node.get("children", [])}
            roots = [number for number in range(len(self.list("nodes"))) if number not in children]
        nodes, stack = self.list("nodes"), [(int(root), np.eye(4)) for root in reversed(roots)]
        seen: set[int] = set()
        while stack:
            number, above = stack.pop()
            if number in seen or not 0 <= number < len(nodes):
                raise ValueError(f"the glTF file is broken, its nodes are no tree: {BROKEN}")
            seen.add(number)
            world = above @ local_matrix(nodes[number])
            yield nodes[number], world, number
            stack += [(int(child), world) for child in reversed(nodes[number].get("children", []))]


def open_document(path: Path) -> Document:
    """Opens a .glb or .gltf file and the buffers beside it.

    Raises:
        ValueError: it is no glTF 2.0 file, or broken.
    """
    data = path.read_bytes()
    binary: bytes | None = None
    if data[:4] == struct.pack("<I", MAGIC):
        data, binary = _chunks(data)
    try:
        table = json.loads(data)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"the file is no glTF: {BROKEN}") from error
    if not isinstance(table, dict) or not str(table.get("asset", {}).get("version", "")).startswith("2"):
        raise ValueError(f"the file is no glTF 2.0: {BROKEN}")
    required = set(table.get("extensionsRequired", ())) - {"KHR_lights_punctual", "KHR_materials_unlit"}
    if required:
        raise ValueError(
            f"the glTF file needs {', '.join(sorted(required))}, which is not read here: "
            "export it without compression"
        )
    buffers = [_buffer(each, path.parent, binary) for each in table.get("buffers", [])]
    return Document(table, buffers, path.parent)


def _chunks(data: bytes) -> tuple[bytes, bytes | None]:
    if len(data) < 20 or struct.unpack_from("<I", data, 8)[0] > len(data):
        raise ValueError(f"the glTF file is cut off: {BROKEN}")
    text, binary, at = b"", None, 12
    while at + 8 <= len(data):
        length, kind = struct.unpack_from("<II", data, at)
        chunk = data[at + 8 : at + 8 + length]
        if len(chunk) < length:
            raise ValueError(f"the glTF file is cut off: {BROKEN}")
        if kind == JSON_CHUNK:
            text = chunk
        elif kind == BINARY_CHUNK:
            binary = chunk
        at += 8 + length
    return text, binary


def _buffer(table: dict[str, Any], folder: Path, binary: bytes | None) -> bytes:
    uri = table.get("uri")
    if uri is None:
        if binary is None:
            raise ValueError(f"the glTF file lacks its binary part: {BROKEN}")
        return binary
    return resource(uri, folder)


def resource(uri: str, folder: Path) -> bytes:
    """What a uri names: data in itself, or a file in the document's folder.

    Raises:
        ValueError: the file is missing, or lies elsewhere.
    """
    if uri.startswith("data:"):
        return base64.b64decode(uri.partition(",")[2])
    file = folder / unquote(uri)
    if not file.is_file() or not file.resolve().is_relative_to(folder.resolve()):
        raise ValueError(
            f"the glTF file's {unquote(uri)} is missing: keep its files together, or export a .glb"
        )
    return file.read_bytes()


def local_matrix(node: dict[str, Any]) -> Array:
    """A node's matrix to its parent, (4, 4)."""
    if "matrix" in node:
        return np.array(node["matrix"], np.float64).reshape(4, 4).T
    x, y, z, w = node.get("rotation", (0, 0, 0, 1))
    return pose(
        node.get("translation", (0, 0, 0)),
        from_quaternion(np.array(w), np.array([x, y, z])),
        node.get("scale", (1, 1, 1)),
    )


def pose(shift: Any, rotation: Array, scale: Any) -> Array:
    """A matrix (4, 4) that scales, turns and shifts, in this order."""
    matrix = np.eye(4)
    matrix[:3, :3] = rotation * np.asarray(scale, np.float64)
    matrix[:3, 3] = shift
    return matrix


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
