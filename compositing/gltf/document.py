"""A glTF document: its chunks, buffers, accessors and nodes."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from compositing.errors import UnreadableFile
from compositing.gltf.nodes import local_matrix
from compositing.limits import FILE_BYTES, SET_BYTES, read_file

Array = NDArray[Any]

MAGIC, JSON_CHUNK, BINARY_CHUNK = 0x46546C67, 0x4E4F534A, 0x004E4942
COMPONENTS = {5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


def broken(what: str) -> UnreadableFile:
    """The error of a file that does not hold what a glTF file must."""
    return UnreadableFile(what, hint="export the file again, and check it with Khronos's glTF validator")


@dataclass
class Room:
    """The memory that what is read of a file may still take, bytes."""

    left: int = SET_BYTES

    def take(self, count: int) -> None:
        """Takes some of it.

        Raises:
            UnreadableFile: there is not as much.
        """
        if count > self.left:
            raise UnreadableFile(
                "The glTF file shows more than can be held in memory.",
                hint="export it with smaller textures and fewer corners",
            )
        self.left -= count


@dataclass(frozen=True)
class Document:
    """A file: its JSON `table`, its binary `buffers` in memory, the `folder` that it lies in, and the `room` for
    what is read of it."""

    table: dict[str, Any]
    buffers: list[bytes]
    folder: Path
    room: Room = field(default_factory=Room)

    def entries(self, name: str) -> list[dict[str, Any]]:
        """A top-level list of the document, such as `meshes`; empty where it has none."""
        return list(self.table.get(name, []))

    def accessor(self, number: int) -> Array:
        """An accessor's values, (count, width), integers as they are unless they stand for fractions.

        Raises:
            UnreadableFile: its data end early, it is sparse, or there is no room for it.
            KeyError, IndexError, TypeError, ValueError: something else is missing from the file.
        """
        accessor = self.entries("accessors")[number]
        kind, width = COMPONENTS[accessor["componentType"]], WIDTHS[accessor["type"]]
        count = int(accessor["count"])
        if count < 0 or count * width * np.dtype(kind).itemsize > FILE_BYTES:
            raise broken(f"The glTF file is broken: it has no {count} values.")
        if "sparse" in accessor:
            raise UnreadableFile(
                "The glTF file has sparse accessors, which are not read.", hint="export it without them"
            )
        self.room.take(count * width * np.dtype(kind).itemsize)
        if "bufferView" not in accessor:
            return np.zeros((count, width), kind)
        view = self.entries("bufferViews")[accessor["bufferView"]]
        start = int(view.get("byteOffset", 0)) + int(accessor.get("byteOffset", 0))
        item = np.dtype(kind).itemsize * width
        step = int(view.get("byteStride", item))
        data = self.buffers[view["buffer"]]
        if min(start, step) < 0 or (count and start + (count - 1) * step + item > len(data)):
            raise broken("The glTF file is broken: its data end early.")
        values = np.ndarray((count, width), kind, data, start, (step, np.dtype(kind).itemsize)).copy()
        if accessor.get("normalized") and values.dtype.kind in "iu":
            values = np.maximum(values.astype(np.float32) / np.iinfo(values.dtype).max, -1)
        return values

    def nodes(self) -> Iterator[tuple[dict[str, Any], Array]]:
        """Every node of the default scene with its world matrix, (4, 4), parents first."""
        scenes = self.entries("scenes")
        if scenes:
            roots = scenes[int(self.table.get("scene", 0))].get("nodes", [])
        else:
            children = {child for node in self.entries("nodes") for child in node.get("children", [])}
            roots = [number for number in range(len(self.entries("nodes"))) if number not in children]
        nodes, stack = self.entries("nodes"), [(int(root), np.eye(4)) for root in reversed(roots)]
        seen: set[int] = set()
        while stack:
            number, above = stack.pop()
            if number in seen or not 0 <= number < len(nodes):
                raise broken("The glTF file is broken: its nodes are no tree.")
            seen.add(number)
            world = above @ local_matrix(nodes[number])
            yield nodes[number], world
            stack += [(int(child), world) for child in reversed(nodes[number].get("children", []))]


def open_document(path: Path) -> Document:
    """Opens a .glb or .gltf file and the buffers beside it.

    Raises:
        UnreadableFile: it is no glTF 2.0 file, or broken.
    """
    data = read_file(path)
    binary: bytes | None = None
    if data[:4] == struct.pack("<I", MAGIC):
        data, binary = _chunks(data)
    try:
        table = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise broken("The file is no glTF.") from error
    if not isinstance(table, dict) or not str(table.get("asset", {}).get("version", "")).startswith("2"):
        raise broken("The file is no glTF 2.0.")
    required = set(table.get("extensionsRequired", ())) - {"KHR_lights_punctual", "KHR_materials_unlit"}
    if required:
        raise UnreadableFile(
            f"The glTF file needs {', '.join(sorted(required))}, which is not read here.",
            hint="export it without compression",
        )
    buffers = [_buffer(each, path.parent, binary) for each in table.get("buffers", [])]
    return Document(table, buffers, path.parent)


def _chunks(data: bytes) -> tuple[bytes, bytes | None]:
    if len(data) < 20 or struct.unpack_from("<I", data, 8)[0] > len(data):
        raise broken("The glTF file is cut off.")
    text, binary, at = b"", None, 12
    while at + 8 <= len(data):
        length, kind = struct.unpack_from("<II", data, at)
        chunk = data[at + 8 : at + 8 + length]
        if len(chunk) < length:
            raise broken("The glTF file is cut off.")
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
            raise broken("The glTF file lacks its binary part.")
        return binary
    return resource(uri, folder)


def resource(uri: str, folder: Path) -> bytes:
    """What a uri names: data in itself, or a file in the document's folder.

    Raises:
        UnreadableFile: the file is missing, or lies elsewhere.
    """
    if uri.startswith("data:"):
        return base64.b64decode(uri.partition(",")[2])
    file = folder / unquote(uri)
    if not file.is_file() or not file.resolve().is_relative_to(folder.resolve()):
        raise UnreadableFile(
            f"The glTF file's {unquote(uri)} is missing.",
            hint="keep its files together, or export a .glb",
        )
    return read_file(file)
